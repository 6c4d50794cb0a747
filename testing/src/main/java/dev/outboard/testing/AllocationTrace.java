package dev.outboard.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/** Says where threads allocate, once a test has found that they do: see {@link Allocation}. */
final class AllocationTrace {
  private static final String EVENT = "jdk.ObjectAllocationSample";
  private static final Duration LENGTH = Duration.ofSeconds(20);
  private static final int PLACES = 3;
  private static final int FRAMES = 14;

  private AllocationTrace() {}

  /** Runs the load for some time more; the places in the code that allocate most, as text. */
  static String of(Set<Long> threads, Allocation.Load load) throws Exception {
    Path file = Files.createTempFile("outboard", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(EVENT).with("throttle", "1000/s").withStackTrace();
      recording.start();
      long end = System.nanoTime() + LENGTH.toNanos();
      while (System.nanoTime() < end) {
        load.run();
      }
      recording.stop();
      recording.dump(file);
      return describe(RecordingFile.readAllEvents(file), threads);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static String describe(List<RecordedEvent> events, Set<Long> threads) throws IOException {
    Map<String, Long> bytes = new TreeMap<>();
    for (RecordedEvent event : events) {
      if (event.getEventType().getName().equals(EVENT)
          && threads.contains(event.getThread().getJavaThreadId())) {
        String place = event.getClass("objectClass").getName() + stack(event.getStackTrace());
        bytes.merge(place, event.getLong("weight"), Long::sum);
      }
    }
    return bytes.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(PLACES)
        .map(e -> "\n" + e.getValue() + " bytes of " + e.getKey())
        .collect(Collectors.joining());
  }

  private static String stack(RecordedStackTrace trace) {
    if (trace == null) {
      return "";
    }
    return trace.getFrames().stream()
        .limit(FRAMES)
        .map(
            frame ->
                "\n    "
                    + frame.getMethod().getType().getName()
                    + "."
                    + frame.getMethod().getName()
                    + ":"
                    + frame.getLineNumber()
                    + " "
                    + frame.getType())
        .collect(Collectors.joining());
  }
}
