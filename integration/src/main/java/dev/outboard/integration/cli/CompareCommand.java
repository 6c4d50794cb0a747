package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.Arm;
import dev.outboard.integration.compare.ComparePage;
import dev.outboard.integration.compare.CompareSettings;
import dev.outboard.integration.compare.Comparison;
import dev.outboard.integration.compare.DpdkDriver;
import dev.outboard.integration.compare.LinkRate;
import dev.outboard.integration.compare.OrdinaryUser;
import dev.outboard.integration.compare.Report;
import dev.outboard.integration.compare.Topology;
import dev.outboard.integration.live.LivePage;
import dev.outboard.integration.live.LiveResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code outboard compare}: the same load over several ways of a frame, with statistics. */
@Command(
    name = "compare",
    description = {
      "Compare ways of a frame between two guests: the same guests, the same load.",
      "With --live: ways of the frames of a daemon's running guests, under their own traffic.",
      "",
      "local    shared memory through a sidecar",
      "iouring  between two hosts: a sidecar on each, VXLAN over UDP between them",
      "kernel-tcp",
      "         between two hosts: a sidecar on each, connections of TCP between them",
      "kernel-tcp-tls",
      "         the same, and the connections are encrypted",
      "dpdk     between two hosts: a sidecar on each, with a device driven by DPDK",
      "tuntap   through a sidecar, its TAPs and a Linux bridge",
      "vmm-tap  no sidecar: each VMM has a TAP on a Linux bridge",
      "host     no guests: two processes in two network namespaces",
      "",
      "With --topology two-host each guest is on a host of its own: two network namespaces",
      "joined by a veth pair, with a sidecar or bridge in each.",
      "",
      "The first arm is compared with each of the others. Who is not root compares in a user",
      "namespace. Nothing of it is left.",
      "",
      "With --live the guests of --guests take the two --arms (uplinks, or 'local') in turns, in",
      "pairs whose order is drawn, by swaps; their TCP is watched meanwhile. Afterwards, also on",
      "Ctrl-C, they are on the ways that they had."
    },
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  private static final int MAX_ROUNDS = 10_000;
  private static final double MIN_SECONDS = 0.02;
  private static final double MAX_SECONDS = 60;

  private static final String PAST_THE_LIMIT =
      "--link-rate limits what the kernel's queues send, and DPDK goes past them";

  @Spec private CommandSpec spec;

  @Option(
      names = "--arms",
      split = ",",
      paramLabel = "ARM",
      description = "Which ways, the one that matters first (default: all of the topology).")
  private List<String> arms;

  @Option(
      names = "--topology",
      paramLabel = "NAME",
      defaultValue = "one-host",
      description = "Where the guests are: one-host or two-host (default: ${DEFAULT-VALUE}).")
  private String topology;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "14",
      description = "How often each arm has its turn (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.25",
      description = "How long each of the loads of a turn runs (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--link-rate",
      paramLabel = "RATE",
      description = "With two-host: how fast the link is, such as 1gbit (default: no limit).")
  private String linkRate;

  @Option(
      names = "--dpdk-driver",
      paramLabel = "NAME",
      defaultValue = "af_xdp",
      description =
          "How DPDK drives the link in the arm dpdk: af_xdp or af_packet (default:"
              + " ${DEFAULT-VALUE}).")
  private String dpdkDriver;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write everything to FILE; docs/compare.md says what is in it.")
  private Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Also write a page of HTML to FILE, with plots, verdicts and all figures.")
  private Path report;

  @Mixin private LiveOptions live;

  @Override
  public Integer call() throws UserException, InterruptedException {
    boolean isLive = live.isChosen(spec.commandLine().getParseResult());
    CompareSettings settings = isLive ? null : settings();
    Outputs.checkWritable(json);
    Outputs.checkWritable(report);
    if (isLive) {
      return live();
    }
    if (OrdinaryUser.isCaller()) {
      return OrdinaryUser.rerun(
          Main.class, spec.root().commandLine().getParseResult().originalArgs());
    }
    PrintWriter out = spec.commandLine().getOut();
    Report result;
    try (CompareProgress progress = new CompareProgress("compare")) {
      result = new Comparison(available(settings), Main.class, progress).run();
    }
    out.print(CompareText.of(result));
    out.flush();
    Outputs.writeJson(json, result);
    Outputs.writePage(report, () -> ComparePage.of(result));
    return 0;
  }

  /** Who has named no arms gets those that can run here, and is told which can't. */
  private CompareSettings available(CompareSettings settings) throws UserException {
    if (!settings.arms().contains(Arm.DPDK)) {
      return settings;
    }
    Optional<String> refusal =
        linkRate == null ? settings.dpdk().refusal() : Optional.of(PAST_THE_LIMIT);
    if (refusal.isEmpty()) {
      return settings;
    }
    if (arms != null) {
      throw UserException.input("the arm dpdk can't run here: " + refusal.get(), null);
    }
    spec.commandLine().getErr().println("without the arm dpdk: " + refusal.get());
    return settings.without(Arm.DPDK);
  }

  private int live() throws UserException, InterruptedException {
    LiveResult result;
    try (CompareProgress progress = new CompareProgress("compare")) {
      result = live.run(arms, progress);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(LiveText.of(result));
    out.flush();
    Outputs.writeJson(json, result);
    Outputs.writePage(report, () -> LivePage.of(result));
    return 0;
  }

  private CompareSettings settings() throws UserException {
    Topology where = Topology.parse(topology);
    List<Arm> ways = Arm.parse(where, arms == null ? Arm.all(where) : arms);
    if (rounds < 1 || rounds > MAX_ROUNDS) {
      throw UserException.input(
          "--rounds must be between 1 and " + MAX_ROUNDS + ", not " + rounds, null);
    }
    if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) {
      throw UserException.input(
          "--seconds must be between " + MIN_SECONDS + " and " + MAX_SECONDS + ", not " + seconds,
          null);
    }
    if (linkRate != null && where == Topology.ONE_HOST) {
      throw UserException.input("--link-rate needs --topology two-host", null);
    }
    LinkRate rate = linkRate == null ? null : LinkRate.parse(linkRate);
    return new CompareSettings(where, ways, rounds, seconds, rate, DpdkDriver.parse(dpdkDriver));
  }
}
