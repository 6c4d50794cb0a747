package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.DpdkDriver;
import dev.outboard.integration.compare.OrdinaryUser;
import dev.outboard.integration.figures.FigureArm;
import dev.outboard.integration.figures.Figures;
import dev.outboard.integration.figures.FiguresPage;
import dev.outboard.integration.figures.FiguresReport;
import dev.outboard.integration.figures.FiguresSettings;
import dev.outboard.integration.figures.RemoteSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code outboard figures}: the paper's figures 2 to 4, measured here. */
@Command(
    name = "figures",
    description = {
      "Measure the paper's figures here: throughput (2) and latency (3) against the number of VMs,",
      "and messages around the size of a frame (4).",
      "",
      "Two hosts (network namespaces joined by a veth pair), with so many stand-in microVMs on each,",
      "which talk in pairs: host-host, vm-host, host-vm and vm-vm.",
      "",
      "vmm-tap  the baseline: each VMM has a TAP on a Linux bridge",
      "tuntap   through a sidecar, its TAPs and a Linux bridge",
      "iouring  a sidecar on each host, VXLAN over UDP between them",
      "dpdk     a sidecar on each host, between them a wire that DPDK drives by XDP sockets",
      "",
      "With --hosts a,b the two hosts are machines that ssh reaches.",
      "",
      "Who is not root measures in a user namespace. Nothing of it is left.",
      "docs/figures.md says what is measured, and how to repeat it on the paper's own machines."
    },
    mixinStandardHelpOptions = true)
final class FiguresCommand implements Callable<Integer> {
  private static final List<Integer> FIGURES = List.of(2, 3, 4);
  private static final int MAX_ROUNDS = 1000;
  private static final double MIN_SECONDS = 0.02;
  private static final double MAX_SECONDS = 60;
  private static final int MAX_VMS = 1000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      description = "Fewer numbers of VMs, three short rounds: less than five minutes.")
  private boolean quick;

  @Option(
      names = "--arms",
      split = ",",
      paramLabel = "ARM",
      description = "Which ways (default: all); the hosts alone are measured in any case.")
  private List<String> arms;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "FIGURE",
      description = "Which figures: 2, 3, 4 (default: all).")
  private List<Integer> only;

  @Option(
      names = "--vms",
      split = ",",
      paramLabel = "N",
      description =
          "Numbers of VMs on each host (default: 1,2,5,10,20,35,70,126; with --quick up to 20).")
  private List<Integer> vms;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each point is measured (default: 7; with --quick 3).")
  private Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long each time (default: 0.4; with --quick 0.15).")
  private Double seconds;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write everything to FILE; docs/figures.md says what is in it.")
  private Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Also write a page of HTML to FILE, with curves beside the paper's statements.")
  private Path report;

  @Option(
      names = "--hosts",
      split = ",",
      paramLabel = "HOST",
      description =
          "Measure between two other machines that ssh reaches as root ([user@]host[:port]), with"
              + " this checkout at the same place.")
  private List<String> hosts;

  @Option(
      names = "--links",
      split = ",",
      paramLabel = "DEVICE",
      description =
          "With --hosts: devices of both that lead to the other, one for the hosts alone and one for"
              + " each arm, which is taken meanwhile: VLANs, virtual functions.")
  private List<String> links;

  @Option(
      names = "--root",
      paramLabel = "PATH",
      description = "With --hosts: where this checkout is there (default: as here).")
  private String root;

  @Option(
      names = "--ssh-config",
      paramLabel = "FILE",
      description = "With --hosts: a configuration for ssh, in place of your own.")
  private Path sshConfig;

  @Override
  public Integer call() throws UserException, InterruptedException {
    FiguresSettings settings = settings();
    Outputs.checkWritable(json);
    Outputs.checkWritable(report);
    if (hosts == null && OrdinaryUser.isCaller()) {
      return OrdinaryUser.rerun(
          Main.class, spec.root().commandLine().getParseResult().originalArgs());
    }
    FiguresReport result;
    try (CompareProgress progress = new CompareProgress("figures")) {
      result = new Figures(settings, Main.class, progress).run();
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(FiguresText.of(result));
    out.flush();
    Outputs.writeJson(json, result);
    Outputs.writePage(report, () -> FiguresPage.of(result));
    return 0;
  }

  private FiguresSettings settings() throws UserException {
    List<FigureArm> ways = FigureArm.parse(arms == null ? usable() : arms);
    if (hosts != null && ways.contains(FigureArm.DPDK)) {
      throw UserException.input(
          "the arm dpdk takes three wires: it is measured between two hosts of this machine only",
          null);
    }
    List<Integer> figures = only == null ? FIGURES : only;
    for (int figure : figures) {
      if (!FIGURES.contains(figure)) {
        throw UserException.input(
            "unknown figure '" + figure + "'; known: 2 (throughput), 3 (latency), 4 (sizes)", null);
      }
    }
    List<Integer> usual = quick ? FiguresSettings.QUICK_COUNTS : FiguresSettings.COUNTS;
    List<Integer> counts = vms == null ? usual : vms;
    for (int count : counts) {
      if (count < 1 || count > MAX_VMS) {
        throw UserException.input(
            "--vms must be between 1 and " + MAX_VMS + ", not " + count, null);
      }
    }
    int often = rounds != null ? rounds : quick ? 3 : 7;
    if (often < 1 || often > MAX_ROUNDS) {
      throw UserException.input(
          "--rounds must be between 1 and " + MAX_ROUNDS + ", not " + often, null);
    }
    double time = seconds != null ? seconds : quick ? 0.15 : 0.4;
    if (!(time >= MIN_SECONDS && time <= MAX_SECONDS)) {
      throw UserException.input(
          "--seconds must be between " + MIN_SECONDS + " and " + MAX_SECONDS + ", not " + time,
          null);
    }
    return new FiguresSettings(ways, figures, counts, often, time, remote(ways));
  }

  /** All arms that can be measured here, who has named none. */
  private List<String> usable() {
    boolean bypass = hosts == null && DpdkDriver.AF_XDP.refusal().isEmpty();
    return FigureArm.all().stream()
        .filter(arm -> bypass || !arm.equals(FigureArm.DPDK.label()))
        .toList();
  }

  private RemoteSettings remote(List<FigureArm> ways) throws UserException {
    if (hosts == null) {
      if (links != null || root != null || sshConfig != null) {
        throw UserException.input("--links, --root and --ssh-config need --hosts a,b", null);
      }
      return null;
    }
    if (hosts.size() != 2) {
      throw UserException.input("--hosts needs two of them, a,b", null);
    }
    if (links == null || links.size() != ways.size()) {
      throw UserException.input(
          "--hosts needs --links with %d devices: one for the hosts alone and one for each arm"
              .formatted(ways.size()),
          null);
    }
    String there = root == null ? System.getProperty("outboard.root") : root;
    return new RemoteSettings(hosts, links, there, sshConfig);
  }
}
