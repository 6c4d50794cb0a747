package dev.outboard.bench;

import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Has crowds of several sizes forward the same frames in turns, whose order is drawn anew in each
 * round. All are there all the time; who has no turn is stopped.
 */
final class CrowdBench implements AutoCloseable {
  private static final double WARM_UP_SECONDS = 3;

  private final Settings settings;
  private final Cpus cpus;
  private final Consumer<String> progress;
  private final Random random = new Random();
  private final List<CrowdArm> arms = new ArrayList<>();

  /**
   * What is asked for.
   *
   * @param crowds the first is the one that others are compared with
   * @param frames of each guest in a batch
   */
  record Settings(
      List<CrowdArm.Crowd> crowds, List<Integer> frames, int ring, int rounds, double seconds) {}

  /** One measurement. */
  record Turn(
      int round, CrowdArm.Crowd crowd, int frames, CrowdLoad.Result result, CoreState state) {}

  /** What one crowd's guests cost in memory, for each of them. */
  record Memory(CrowdArm.Crowd crowd, long heap, long own, List<GuestState.Part> state) {}

  CrowdBench(Path directory, Settings settings, Cpus cpus, Consumer<String> progress)
      throws IOException {
    this.settings = settings;
    this.cpus = cpus;
    this.progress = progress;
    try {
      for (CrowdArm.Crowd crowd : settings.crowds()) {
        progress.accept("attaching " + crowd.label());
        arms.add(
            new CrowdArm(
                crowd, directory.resolve(Integer.toString(arms.size())), cpus, settings.ring()));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  List<Turn> run() throws IOException, InterruptedException {
    for (CrowdArm arm : arms) {
      for (int frames : settings.frames()) {
        var _ = arm.run(frames, WARM_UP_SECONDS / settings.frames().size());
      }
    }
    List<Turn> turns = new ArrayList<>();
    for (int round = 1; round <= settings.rounds(); round++) {
      progress.accept("round " + round);
      for (int frames : settings.frames()) {
        List<CrowdArm> order = new ArrayList<>(arms);
        Collections.shuffle(order, random);
        for (CrowdArm arm : order) {
          double before = CoreState.measure(cpus);
          CrowdLoad.Result result = arm.run(frames, settings.seconds());
          double after = CoreState.measure(cpus);
          turns.add(new Turn(round, arm.crowd(), frames, result, CoreState.between(before, after)));
        }
      }
    }
    return turns;
  }

  /** Of the largest crowd. */
  Memory memory() throws IOException {
    CrowdArm largest = arms.getFirst();
    for (CrowdArm arm : arms) {
      largest = arm.crowd().guests() > largest.crowd().guests() ? arm : largest;
    }
    return new Memory(
        largest.crowd(), largest.heapPerGuest(), largest.memoryPerGuest(), largest.state());
  }

  @Override
  public void close() {
    arms.forEach(CrowdArm::close);
    arms.clear();
  }
}
