package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Threads;
import dev.outboard.testing.LongTier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No wake-up is ever lost between a worker and a driver, and each of the four full fences of either
 * layout is needed for that: without it the same race hangs. {@code docs/memory-ordering.md}
 * explains.
 */
class MemoryOrderingTest {
  /** On each side, half of them by event index and half by flags. */
  private static final long ALL_RACES = 10_000_000;

  private static final long SOME_RACES = ALL_RACES / 50;

  /** Many times what it takes to lose a wake-up where a fence is missing. */
  private static final long RACES_WITHOUT_FENCE = 1_000_000;

  /** In milliseconds. The first is longer than a busy machine holds a thread up. */
  private static final int CERTAINLY_LOST = 15_000;

  private static final int PROBABLY_LOST = 1_000;

  private static final long MOST_MINUTES = 15;

  @TempDir Path directory;

  @BeforeEach
  void thereAreProcessorsForBothSides() throws Exception {
    assumeTrue(Threads.allowedCpus().length >= 2, "a race needs two processors");
  }

  @ParameterizedTest
  @EnumSource
  void noWakeUpIsLostByEventIndex(RaceClasses.Layout layout) throws Exception {
    noWakeUpIsLost(layout, "event-index", SOME_RACES / 2);
  }

  @ParameterizedTest
  @EnumSource
  void noWakeUpIsLostByFlags(RaceClasses.Layout layout) throws Exception {
    noWakeUpIsLost(layout, "flags", SOME_RACES / 2);
  }

  @LongTier("ordering")
  void noWakeUpIsLostInTenMillionRacesOnEachSide() throws Exception {
    noWakeUpIsLost(RaceClasses.Layout.SPLIT, "event-index", ALL_RACES / 2);
    noWakeUpIsLost(RaceClasses.Layout.SPLIT, "flags", ALL_RACES / 2);
  }

  @LongTier("ordering-packed")
  void noWakeUpIsLostInTenMillionRacesOfPackedRings() throws Exception {
    noWakeUpIsLost(RaceClasses.Layout.PACKED, "event-index", ALL_RACES / 2);
    noWakeUpIsLost(RaceClasses.Layout.PACKED, "flags", ALL_RACES / 2);
  }

  @ParameterizedTest
  @CsvSource({
    "SPLIT, DEVICE_ARMS, event-index",
    "SPLIT, DEVICE_PUBLISHES, flags",
    "SPLIT, DRIVER_ARMS, flags",
    "SPLIT, DRIVER_PUBLISHES, event-index",
    "PACKED, DEVICE_ARMS, flags",
    "PACKED, DEVICE_PUBLISHES, event-index"
  })
  void aWakeUpIsLostWithoutTheFenceWhere(
      RaceClasses.Layout layout, RaceClasses.Fence fence, String mode) throws Exception {
    aWakeUpIsLost(layout, fence, mode);
  }

  @LongTier("ordering-fences")
  void aWakeUpIsLostWithoutAnyOneOfTheFences() throws Exception {
    for (RaceClasses.Layout layout : RaceClasses.Layout.values()) {
      for (RaceClasses.Fence fence : RaceClasses.Fence.values()) {
        aWakeUpIsLost(layout, fence, "event-index");
        aWakeUpIsLost(layout, fence, "flags");
      }
    }
  }

  private void noWakeUpIsLost(RaceClasses.Layout layout, String mode, long races) throws Exception {
    Path classes = directory.resolve(mode);
    new RaceClasses(classes, layout).probe();
    Map<String, String> result = race(classes, layout, mode, races, CERTAINLY_LOST);
    show("ordering, " + layout + ", " + mode, result);
    assertEquals("none", result.get("lost"));
    assertEquals("0", result.get("frames-lost"));
    assertEquals("0", result.get("frames-late"));
    long trips = number(result, "trips");
    for (String side : List.of("device", "driver")) {
      long armed = number(result, side + "-armed");
      long lookedAgain = number(result, side + "-looked-again");
      long slept = number(result, side + "-slept");
      assertTrue(armed >= races && armed > trips / 4, side + " armed in most trips: " + result);
      assertTrue(lookedAgain > armed / 1000, side + " found work after arming: " + result);
      assertTrue(slept > 0 && slept < armed / 2, side + " slept, but rarely: " + result);
    }
  }

  private void aWakeUpIsLost(RaceClasses.Layout layout, RaceClasses.Fence fence, String mode)
      throws Exception {
    Path path = directory.resolve(layout + "-" + fence + "-" + mode);
    RaceClasses classes = new RaceClasses(path, layout);
    classes.probe();
    classes.remove(fence);
    Map<String, String> result = race(path, layout, mode, RACES_WITHOUT_FENCE, PROBABLY_LOST);
    show("ordering, " + layout + ", " + mode + " without the fence of " + fence, result);
    assertEquals(fence.guards(), result.get("lost"));
  }

  private static long number(Map<String, String> result, String name) {
    return Long.parseLong(result.get(name));
  }

  private static void show(String what, Map<String, String> result) {
    System.out.printf(
        "%s: lost %s; %,d trips in %s s; device armed %,d, looked again %,d, slept %,d;"
            + " driver armed %,d, looked again %,d, slept %,d%n",
        what,
        result.get("lost"),
        number(result, "trips"),
        result.get("seconds"),
        number(result, "device-armed"),
        number(result, "device-looked-again"),
        number(result, "device-slept"),
        number(result, "driver-armed"),
        number(result, "driver-looked-again"),
        number(result, "driver-slept"));
  }

  /** Runs {@link RaceMain} with the changed classes and returns the figures that it prints. */
  private Map<String, String> race(
      Path classes, RaceClasses.Layout layout, String mode, long races, int patience)
      throws Exception {
    Path output = directory.resolve("race.out");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                classes + ":" + System.getProperty("java.class.path"),
                RaceMain.class.getName(),
                mode,
                Long.toString(races),
                Integer.toString(patience),
                layout.name().toLowerCase(Locale.ROOT))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(MOST_MINUTES, TimeUnit.MINUTES), "the race does not end");
    } finally {
      process.destroyForcibly().waitFor();
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), text);
    Map<String, String> result = new HashMap<>();
    for (String word : text.strip().split("\\s+", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        result.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    assertTrue(result.containsKey("lost"), text);
    return result;
  }
}
