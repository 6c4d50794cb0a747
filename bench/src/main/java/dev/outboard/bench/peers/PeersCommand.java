package dev.outboard.bench.peers;

import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.Outputs;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.linux.Processes;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench peers}: shared-memory forwarding beside the C switches. */
@Command(
    name = "peers",
    description = {
      "Frames per second between two dpdk-testpmd virtio-user ports through Outboard, DPDK's vhost",
      "library and Open vSwitch on DPDK, in turns on one processor, compared round by round.",
      "Needs root for huge pages, and the packages dpdk and openvswitch-switch-dpdk."
    },
    mixinStandardHelpOptions = true)
public final class PeersCommand implements Callable<Integer> {
  private static final List<String> PEERS = List.of(VhostPeer.NAME, OvsPeer.NORMAL, OvsPeer.DIRECT);
  private static final int LEAST_SIZE = 64;
  private static final int MOST_SIZE = 9000;
  private static final String TESTPMD = "/usr/bin/dpdk-testpmd";

  @Spec private CommandSpec spec;

  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "BYTES",
      description = "Sizes of frames; default: ${DEFAULT-VALUE}.",
      defaultValue = "64,256,1518,9000")
  private List<Integer> sizes;

  @Option(
      names = "--shapes",
      split = ",",
      paramLabel = "NAME",
      description = "How frames go; default: ${DEFAULT-VALUE}.",
      defaultValue = "loop,one-way,touched,one-frame")
  private List<String> shapes;

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      description = "Whom to compare with; default: ${DEFAULT-VALUE}.",
      defaultValue = "dpdk-vhost,ovs-normal,ovs-direct")
  private List<String> peers;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Pairs of each cell in one state of the processors; default: ${DEFAULT-VALUE}.",
      defaultValue = "15")
  private int rounds;

  @Option(
      names = "--millis",
      paramLabel = "N",
      description = "How long a turn is measured; default: ${DEFAULT-VALUE}.",
      defaultValue = "250")
  private int millis;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Also write a page of HTML to FILE, with plots.")
  private Path report;

  @Override
  public Integer call() throws Exception {
    check();
    List<Cell> cells = new ArrayList<>();
    for (String label : shapes) {
      Shape shape = Shape.of(label);
      List<Integer> ofShape = shape == Shape.ONE_FRAME ? List.of(LEAST_SIZE) : sizes;
      ofShape.forEach(size -> cells.add(new Cell(shape, size)));
    }
    Cpus cpus = Cpus.choose();
    PrintWriter errors = spec.commandLine().getErr();
    List<Turn> turns;
    try (PeersBench bench = new PeersBench(peers, cpus)) {
      turns =
          bench.run(
              cells,
              rounds,
              millis,
              word -> {
                errors.println(word);
                errors.flush();
              });
    } catch (UserException e) {
      errors.println("outboard: " + e.getMessage());
      return 1;
    }
    PeersReport result = new PeersReport(turns, cells, peers, cpus);
    PrintWriter out = spec.commandLine().getOut();
    out.print(result.text());
    out.flush();
    try {
      Outputs.writeJson(json, result.json());
      Outputs.writePage(report, () -> PeersPage.of(result));
    } catch (UserException e) {
      errors.println("outboard: " + e.getMessage());
      return 1;
    }
    return 0;
  }

  private void check() {
    if (sizes.stream().anyMatch(size -> size < LEAST_SIZE || size > MOST_SIZE)) {
      throw usage("--sizes must be between " + LEAST_SIZE + " and " + MOST_SIZE);
    }
    if (rounds < 1 || millis < 1) {
      throw usage("--rounds and --millis must be at least 1");
    }
    for (String shape : shapes) {
      if (!Shape.labels().contains(shape)) {
        throw usage("unknown shape '" + shape + "'; known: " + String.join(", ", Shape.labels()));
      }
    }
    for (String peer : peers) {
      if (!PEERS.contains(peer)) {
        throw usage("unknown peer '" + peer + "'; known: " + String.join(", ", PEERS));
      }
    }
    try {
      Outputs.checkWritable(json);
      Outputs.checkWritable(report);
    } catch (UserException e) {
      throw usage(e.getMessage());
    }
    if (!Processes.isRoot()) {
      throw usage("this needs root, for huge pages: sudo ./outboard bench peers");
    }
    if (!Files.isExecutable(Path.of(TESTPMD))) {
      throw usage("dpdk-testpmd is missing: apt-get install dpdk");
    }
    boolean ovs = peers.stream().anyMatch(peer -> !peer.equals(VhostPeer.NAME));
    if (ovs && !Files.isExecutable(Path.of(OvsPeer.DAEMON))) {
      throw usage(
          "Open vSwitch with DPDK is missing: apt-get install openvswitch-switch-dpdk, or leave it"
              + " out by --peers dpdk-vhost");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
