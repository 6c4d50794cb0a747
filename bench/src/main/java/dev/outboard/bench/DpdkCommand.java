package dev.outboard.bench;

import dev.outboard.linux.Threads;
import dev.outboard.transport.dpdk.ffi.Dpdk;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench dpdk}: what it costs to call DPDK from Java. */
@Command(
    name = "dpdk",
    description = {
      "Packets per second that are received from DPDK's net_null and sent to it: by Java, and by",
      "dpdk-testpmd (forward mode io), in turns on the same processor."
    },
    mixinStandardHelpOptions = true)
final class DpdkCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description = "Pairs of samples; default: ${DEFAULT-VALUE}.",
      defaultValue = "12")
  private int pairs;

  @Option(
      names = "--cpu",
      paramLabel = "CPU",
      description = "The processor that forwards; default: ${DEFAULT-VALUE}.",
      defaultValue = "1")
  private int cpu;

  @Override
  public Integer call() throws Exception {
    if (pairs < 1) {
      throw new ParameterException(spec.commandLine(), "--pairs must be at least 1");
    }
    if (Dpdk.refusal().isPresent()) {
      Dpdk.Refusal refusal = Dpdk.refusal().get();
      throw new ParameterException(spec.commandLine(), refusal.reason() + "; " + refusal.remedy());
    }
    int[] allowed = Threads.allowedCpus();
    if (Arrays.stream(allowed).noneMatch(one -> one == cpu)) {
      throw new ParameterException(
          spec.commandLine(),
          "--cpu: this process may not use processor %d, but %s"
              .formatted(cpu, Arrays.toString(allowed)));
    }
    if (!NullTestpmd.isInstalled()) {
      throw new ParameterException(
          spec.commandLine(),
          "there is no dpdk-testpmd; install it (Debian, Ubuntu: apt-get install dpdk-dev)");
    }
    long[] java = new long[pairs];
    long[] testpmd = new long[pairs];
    try (NullForwarder forwarder = NullForwarder.start(cpu)) {
      long _ = forwarder.packetsPerSecond();
      for (int i = 0; i < pairs; i++) {
        if (i % 2 == 0) {
          java[i] = forwarder.packetsPerSecond();
        }
        testpmd[i] = NullTestpmd.packetsPerSecond(cpu);
        if (i % 2 == 1) {
          java[i] = forwarder.packetsPerSecond();
        }
      }
    }
    Quantiles.Ratio ratio = Quantiles.medians(java, testpmd);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "java     %8.2f Mpps%n", Quantiles.at(java, 0.5) / 1e6);
    out.printf(Locale.ROOT, "testpmd  %8.2f Mpps%n", Quantiles.at(testpmd, 0.5) / 1e6);
    out.printf(
        Locale.ROOT, "ratio    %8.3f (%.3f to %.3f)%n", ratio.value(), ratio.low(), ratio.high());
    out.flush();
    return 0;
  }
}
