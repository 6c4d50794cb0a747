package dev.outboard.bench.peers;

import dev.outboard.integration.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Open vSwitch on DPDK, with its database, sockets and logs in a folder of its own and its devices
 * in a network of its own. As {@code ovs-normal} it learns addresses as a switch does; as {@code
 * ovs-direct} a rule joins the two ports.
 */
final class OvsPeer implements Peer {
  static final String NORMAL = "ovs-normal";
  static final String DIRECT = "ovs-direct";

  static final String DAEMON = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk";
  private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
  private static final int LARGEST = 9000;
  private static final int PATIENCE_MILLIS = 20_000;

  private static final Map<String, List<String>> FLOWS =
      Map.of(
          NORMAL,
          List.of("actions=NORMAL"),
          DIRECT,
          List.of("in_port=p0 actions=output:p1", "in_port=p1 actions=output:p0"));

  private final Path folder;
  private final Map<String, String> environment;
  private final ForeignProcess database;
  private final ForeignProcess daemon;
  private String arm = "";

  OvsPeer(Path folder, int cpu) throws UserException {
    this.folder = folder;
    environment =
        Map.of(
            "OVS_RUNDIR", folder.toString(),
            "OVS_LOGDIR", folder.toString(),
            "OVS_DBDIR", folder.toString());
    Path conf = folder.resolve("conf.db");
    tool("ovsdb-tool", "create", conf.toString(), SCHEMA);
    String remote = "punix:" + folder.resolve("db.sock");
    database = start(cpu, "ovsdb-server", conf.toString(), "--remote=" + remote);
    try {
      await(folder.resolve("db.sock"));
      configure(cpu);
      // In a network of its own, for it makes a TAP for each bridge.
      daemon = start(cpu, "unshare", "--net", "--", DAEMON, db());
    } catch (UserException e) {
      database.close();
      throw e;
    }
    try {
      addPorts();
    } catch (UserException e) {
      close();
      throw e;
    }
  }

  private ForeignProcess start(int cpu, String... words) throws UserException {
    List<String> command = new ArrayList<>(List.of(words));
    boolean server = words[0].equals("ovsdb-server");
    String name = server ? "ovsdb" : "vswitchd";
    command.add("--pidfile=" + folder.resolve(name + ".pid"));
    command.add("--unixctl=" + folder.resolve(name + ".ctl"));
    return new ForeignProcess(
        name, Integer.toString(cpu), environment, folder.resolve(name + ".log"), command);
  }

  private String db() {
    return "unix:" + folder.resolve("db.sock");
  }

  private void configure(int cpu) throws UserException {
    vsctl("--no-wait", "init");
    vsctl(
        "--no-wait",
        "set",
        "Open_vSwitch",
        ".",
        "other_config:dpdk-init=true",
        "other_config:dpdk-extra=\"--no-pci --no-telemetry --in-memory --single-file-segments\"",
        "other_config:dpdk-socket-mem=\"512\"",
        "other_config:dpdk-lcore-mask=" + mask(cpu),
        "other_config:pmd-cpu-mask=" + mask(cpu));
  }

  private static String mask(int cpu) {
    return "0x" + Long.toHexString(1L << cpu);
  }

  private void addPorts() throws UserException {
    vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev");
    for (int i = 0; i < 2; i++) {
      String port = "p" + i;
      vsctl(
          "add-port",
          "br0",
          port,
          "--",
          "set",
          "Interface",
          port,
          "type=dpdkvhostuser",
          "mtu_request=" + LARGEST);
    }
    for (Path socket : sockets()) {
      await(socket);
    }
  }

  private void vsctl(String... words) throws UserException {
    List<String> command = new ArrayList<>(List.of("ovs-vsctl", "--timeout=20", "--db=" + db()));
    command.addAll(List.of(words));
    ForeignProcess.run(command, environment);
  }

  private void tool(String... words) throws UserException {
    ForeignProcess.run(List.of(words), environment);
  }

  private void await(Path socket) throws UserException {
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!Files.exists(socket)) {
      if (System.nanoTime() > deadline) {
        throw new UserException("Open vSwitch makes no socket " + socket.getFileName());
      }
      Pause.millis(20);
    }
  }

  @Override
  public List<String> arms() {
    return List.of(NORMAL, DIRECT);
  }

  @Override
  public List<Path> sockets() {
    return List.of(folder.resolve("p0"), folder.resolve("p1"));
  }

  /** A vhost port that is enabled is polled after a second or so. */
  @Override
  public void connected() throws UserException {
    Pause.millis(1200);
  }

  @Override
  public void become(String wanted) throws UserException {
    if (wanted.equals(arm)) {
      return;
    }
    String management = "unix:" + folder.resolve("br0.mgmt");
    tool("ovs-ofctl", "del-flows", management);
    for (String flow : FLOWS.get(wanted)) {
      tool("ovs-ofctl", "add-flow", management, flow);
    }
    arm = wanted;
  }

  @Override
  public List<ForeignProcess> processes() {
    return List.of(database, daemon);
  }
}
