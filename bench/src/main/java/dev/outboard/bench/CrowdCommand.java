package dev.outboard.bench;

import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.Outputs;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.linux.Processes;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench crowd}: what a frame costs while many guests are attached. */
@Command(
    name = "crowd",
    description = {
      "Nanoseconds of a worker for each frame between guests of one host, with few and many of"
          + " them",
      "attached, all active or a share; and the bytes that each guest takes.",
      "Crowds of all sizes are there at once, each with its sidecar, and take turns."
    },
    mixinStandardHelpOptions = true)
final class CrowdCommand implements Callable<Integer> {
  private static final int DESCRIPTORS_PER_GUEST = 7;
  private static final int OTHER_DESCRIPTORS = 200;
  private static final int FEWEST = 2;
  private static final int MOST = 10_000;
  private static final int LARGEST_RING = 1024;

  /** Fewer would be gone before their time can be told. */
  private static final int LEAST_IN_A_BATCH = 8;

  @Spec private CommandSpec spec;

  @Option(
      names = "--guests",
      split = ",",
      paramLabel = "N",
      description = "Sizes of crowds, compared with the first; default: ${DEFAULT-VALUE}.",
      defaultValue = "2,126,2500")
  private List<Integer> guests;

  @Option(
      names = "--share",
      paramLabel = "PERCENT",
      description = "How many of them send, besides all; default: ${DEFAULT-VALUE}.",
      defaultValue = "5")
  private int share;

  @Option(
      names = "--frames",
      split = ",",
      paramLabel = "N",
      description =
          "Frames that each active guest has ready when the worker comes; default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "4,32")
  private List<Integer> frames;

  @Option(
      names = "--ring",
      paramLabel = "N",
      description = "Descriptors of each ring; default: ${DEFAULT-VALUE}.",
      defaultValue = "64")
  private int ring;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Turns of each crowd; default: ${DEFAULT-VALUE}.",
      defaultValue = "15")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long a turn is; default: ${DEFAULT-VALUE}.",
      defaultValue = "0.2")
  private double seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    CrowdBench.Settings settings = settings();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    Cpus cpus;
    try {
      cpus = Cpus.choose();
      Outputs.checkWritable(json);
    } catch (UserException e) {
      throw usage(e.getMessage());
    }
    try (Scratch scratch = new Scratch();
        CrowdBench bench =
            new CrowdBench(
                scratch.directory(),
                settings,
                cpus,
                line -> {
                  progress.println(line);
                  progress.flush();
                })) {
      List<CrowdBench.Turn> turns = bench.run();
      CrowdReport report = new CrowdReport(settings, turns, bench.memory(), cpus);
      out.print(report.text());
      out.flush();
      Outputs.writeJson(json, report.json());
    }
    return 0;
  }

  private CrowdBench.Settings settings() throws Exception {
    if (guests.stream().anyMatch(size -> size < FEWEST || size > MOST)) {
      throw usage("--guests must be between " + FEWEST + " and " + MOST);
    }
    if (share < 1 || share > 100) {
      throw usage("--share must be between 1 and 100");
    }
    if (Integer.bitCount(ring) != 1 || ring > LARGEST_RING) {
      throw usage("--ring must be a power of two up to " + LARGEST_RING);
    }
    if (frames.stream().anyMatch(count -> count > ring || count * FEWEST < LEAST_IN_A_BATCH)) {
      throw usage("--frames must be between %d and --ring".formatted(LEAST_IN_A_BATCH / FEWEST));
    }
    if (rounds < 1 || seconds <= 0) {
      throw usage("--rounds and --seconds must be positive");
    }
    int most = guests.stream().mapToInt(Integer::intValue).max().orElse(0);
    long needed = (long) DESCRIPTORS_PER_GUEST * most + OTHER_DESCRIPTORS;
    long limit = Processes.raiseOpenFileLimit();
    if (limit < needed) {
      throw usage(
          "%d guests take %d open files in a process, the limit is %d: raise ulimit -n, run as root,"
                  .formatted(most, needed, limit)
              + " or take fewer by --guests");
    }
    return new CrowdBench.Settings(crowds(guests, share), frames, ring, rounds, seconds);
  }

  /** Each size with all guests active; and with the share of them, if that is at least two. */
  static List<CrowdArm.Crowd> crowds(List<Integer> sizes, int share) {
    List<CrowdArm.Crowd> crowds = new ArrayList<>();
    for (int size : sizes) {
      crowds.add(new CrowdArm.Crowd(size, size));
      int active = size * share / 100;
      if (active >= FEWEST && active < size) {
        crowds.add(new CrowdArm.Crowd(size, active));
      }
    }
    return crowds;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
