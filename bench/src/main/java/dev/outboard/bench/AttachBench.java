package dev.outboard.bench;

import dev.outboard.linux.Processes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Sets up every arm with every number of guests at once and takes one sample of each in turn, the
 * order drawn anew each time, so that what the machine does meanwhile hits all alike.
 */
final class AttachBench implements AutoCloseable {
  /** The arm without anything of ours. */
  static final String KERNEL = "plain kernel";

  private static final int WARM_UP = 30;
  private static final int PROGRESS_LINES = 4;

  private final PrintWriter progress;
  private final Random random = new Random(1);
  private final List<Entry> entries = new ArrayList<>();

  /**
   * One arm with one number of guests.
   *
   * @param steps what was measured, in order
   * @param nanos for each step its samples
   */
  record Result(String arm, int guests, List<String> steps, List<long[]> nanos) {}

  private record Entry(String name, int guests, Arm arm) {}

  private interface Maker {
    Arm make(int guests) throws Exception;
  }

  AttachBench(Path directory, List<Integer> sizes, PrintWriter progress) throws Exception {
    this.progress = progress;
    try {
      add("engine", sizes, n -> EngineArm.plain(directory.resolve("engine" + n), n));
      add("engine, driver running", sizes, new ConnectedProcess(directory.resolve("running"))::arm);
      add("REST API", sizes, n -> new ApiArm(directory.resolve("api" + n), n, sizes.getLast()));
      if (Processes.isRoot()) {
        add("engine, uplink tuntap", sizes, n -> EngineArm.overTap(directory.resolve("t" + n), n));
        add(KERNEL, sizes, KernelArm::new);
      } else {
        say("not root: no TAPs, so nothing to compare with; sudo ./outboard bench attach");
      }
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  private void add(String name, List<Integer> sizes, Maker maker) throws Exception {
    for (int guests : sizes) {
      say("preparing: " + name + ", guests: " + guests);
      entries.add(new Entry(name, guests, maker.make(guests)));
    }
  }

  private void say(String line) {
    progress.println(line);
    progress.flush();
  }

  List<Result> run(int samples) throws Exception {
    List<Result> results = new ArrayList<>();
    for (Entry entry : entries) {
      List<long[]> nanos = entry.arm.steps().stream().map(_ -> new long[samples]).toList();
      results.add(new Result(entry.name, entry.guests, entry.arm.steps(), nanos));
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      order.add(i);
    }
    for (int sample = -WARM_UP; sample < samples; sample++) {
      if (sample >= 0 && sample % Math.max(1, samples / PROGRESS_LINES) == 0) {
        say("measuring: " + sample + " of " + samples + " samples");
      }
      Collections.shuffle(order, random);
      for (int i : order) {
        long[] nanos = entries.get(i).arm.sample();
        for (int step = 0; sample >= 0 && step < nanos.length; step++) {
          results.get(i).nanos.get(step)[sample] = nanos[step];
        }
      }
    }
    return results;
  }

  @Override
  public void close() throws IOException {
    say("clearing away");
    for (Entry entry : entries.reversed()) {
      entry.arm.close();
    }
    entries.clear();
  }
}
