package dev.outboard.bench.peers;

import dev.outboard.integration.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** DPDK's vhost library: {@code dpdk-testpmd} with two net_vhost ports, which it joins. */
final class VhostPeer implements Peer {
  static final String NAME = "dpdk-vhost";

  private final List<Path> sockets;
  private final ForeignProcess process;

  VhostPeer(Path folder, int cpu) throws UserException {
    sockets = List.of(folder.resolve("1.sock"), folder.resolve("2.sock"));
    List<String> devices = new ArrayList<>();
    for (Path socket : sockets) {
      devices.add("net_vhost" + devices.size() + ",iface=" + socket);
    }
    process =
        new ForeignProcess(
            NAME, Integer.toString(cpu), Map.of(), null, Testpmd.command(cpu, devices, List.of()));
    String _ = Testpmd.console(NAME, process).command("start");
  }

  @Override
  public List<String> arms() {
    return List.of(NAME);
  }

  @Override
  public List<Path> sockets() {
    return sockets;
  }

  @Override
  public List<ForeignProcess> processes() {
    return List.of(process);
  }
}
