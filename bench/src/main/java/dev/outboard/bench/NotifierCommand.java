package dev.outboard.bench;

import dev.outboard.linux.IoUringRefusal;
import dev.outboard.linux.Processes;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench notifier}: io_uring beside epoll, with thousands of idle guests. */
@Command(
    name = "notifier",
    description = {
      "How workers wait and call: io_uring beside epoll, while most guests are idle.",
      "Sidecars of all kinds run at once, each with all its guests; they take turns in random order."
    },
    mixinStandardHelpOptions = true)
final class NotifierCommand implements Callable<Integer> {
  private static final int DESCRIPTORS_PER_GUEST = 7;
  private static final int OTHER_DESCRIPTORS = 200;
  private static final int MOST_GUESTS = 10_000;
  private static final int FEWEST_ACTIVE = 3;
  private static final int MOST_ACTIVE = 100;

  @Spec private CommandSpec spec;

  @Option(
      names = "--idle",
      split = ",",
      paramLabel = "N",
      description = "How many guests are idle; the loads run with most. Default: ${DEFAULT-VALUE}.",
      defaultValue = "0,500,1000,2500")
  private List<Integer> idle;

  @Option(
      names = "--active",
      paramLabel = "N",
      description = "How many guests send now and then; default: ${DEFAULT-VALUE}.",
      defaultValue = "25")
  private int active;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Turns of each kind for each load; default: ${DEFAULT-VALUE}.",
      defaultValue = "20")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long a turn is; default: ${DEFAULT-VALUE}.",
      defaultValue = "0.25")
  private double seconds;

  @Option(
      names = "--counting",
      paramLabel = "S",
      description = "For how long system calls are counted; default: ${DEFAULT-VALUE}.",
      defaultValue = "1")
  private double counting;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    NotifierBench.Settings settings = settings();
    Optional<IoUringRefusal> refusal = IoUringRefusal.probe();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    if (refusal.isPresent()) {
      progress.println("outboard: nothing to compare: " + refusal.get());
      progress.flush();
      return 1;
    }
    try (Scratch scratch = new Scratch();
        NotifierBench bench = new NotifierBench(scratch.directory(), settings, progress)) {
      NotifierReport report = new NotifierReport(settings, bench.run(), bench.coreNanos());
      out.print(report.text());
      out.flush();
      if (json != null) {
        Files.writeString(json, report.json());
      }
    }
    return 0;
  }

  private NotifierBench.Settings settings() throws Exception {
    List<Integer> sizes = idle.stream().distinct().sorted().toList();
    if (sizes.getFirst() < 0 || sizes.getLast() > MOST_GUESTS) {
      throw usage("--idle must be between 0 and " + MOST_GUESTS);
    }
    if (active < FEWEST_ACTIVE || active > MOST_ACTIVE) {
      throw usage("--active must be between " + FEWEST_ACTIVE + " and " + MOST_ACTIVE);
    }
    if (rounds < 1 || seconds <= 0 || counting <= 0) {
      throw usage("--rounds, --seconds and --counting must be positive");
    }
    long needed =
        (long) DESCRIPTORS_PER_GUEST * (sizes.getLast() + active + NotifierLoad.PAIR)
            + OTHER_DESCRIPTORS;
    long limit = Processes.raiseOpenFileLimit();
    if (limit < needed) {
      throw usage(
          "so many guests take "
              + needed
              + " open files in a process, the limit is "
              + limit
              + ": raise ulimit -n, run as root, or take fewer by --idle");
    }
    return new NotifierBench.Settings(sizes, active, rounds, seconds, counting);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
