package dev.outboard.integration.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the hosts of an arm are told. */
final class WiringTest {
  @Test
  void aWireThatCarriesEnvelopesHasRoomForThem() {
    assertTrue(Wiring.wires(FigureArm.IOURING, 7).getFirst().contains("mtu 1600"));
    assertTrue(Wiring.wires(FigureArm.VMM_TAP, 7).getFirst().contains("mtu 1500"));
    assertEquals(1, Wiring.wires(FigureArm.IOURING, 7).size());
  }

  @Test
  void aHostsOwnEndHasAWireOfItsOwnWhereTheSidecarTakesAllOfOne() {
    assertEquals(3, Wiring.wires(FigureArm.DPDK, 7).size());
    String config = Wiring.configuration(FigureArm.DPDK, "veth0", 1, "", 2, "/run/x");
    assertTrue(config.contains("end: {transport: dpdk, device: 'net_af_xdp1,iface=end0'}"), config);
    assertTrue(config.contains("uplink: end, endpoint: wire}"), config);
    List<String> lines = Wiring.devices(FigureArm.DPDK, "veth0", 1, 1);
    assertTrue(lines.contains("address add 10.12.0.1/8 dev end1"), lines.toString());
  }

  @Test
  void eachEndOfAHostKnowsItsPartnersOfBothKinds() {
    List<String> lines = Wiring.ends("br0", 0, 2);
    assertEquals(1 + 3 * 2, lines.size());
    assertTrue(lines.contains("address add 10.11.0.2/8 dev br0"), lines.toString());
    assertTrue(
        lines.contains("neigh replace 10.2.0.2 lladdr 52:54:00:02:00:01 nud permanent dev br0"),
        lines.toString());
  }

  @Test
  void aSidecarFindsTheOtherHostsGuestsAndItsEndByDifferentPorts() {
    String config =
        Wiring.configuration(FigureArm.IOURING, "veth0", 1, "workers: 4\n", 2, "/run/x");
    assertTrue(config.contains("workers: 4"), config);
    assertTrue(config.contains("port: 4790"), config);
    assertTrue(config.contains("addresses: [10.11.0.1, 10.11.0.2], uplink: end"), config);
    assertTrue(config.contains("{id: g1, network: 1, mac: '52:54:00:02:00:01'"), config);
  }
}
