package dev.outboard.testkit;

import dev.outboard.spi.Offloads;
import java.util.List;

/** Work that a transport has said it takes over. */
interface OffloadRules {
  int PAYLOAD = 14_300;

  /** Sends a super-frame to receivers that take nothing, and all that there is. */
  private static void carry(Bench bench, int needed, boolean ipv4, boolean tcp, boolean segmented)
      throws Exception {
    Pair pair = bench.pair();
    int offered = pair.left().uplink.transport().capabilities().offloads();
    Undeclared.unless((offered & needed) == needed, "this transport does not take that over");
    int mtu = bench.usualMtu(pair.left().uplink);
    int segment = mtu - 60;
    Superframe frame =
        new Superframe(ipv4, tcp, segmented ? PAYLOAD : segment, segmented ? segment : 0);
    for (int allowed : new int[] {0, offered}) {
      bench.allow(pair.right(), allowed);
      List<Got> got =
          pair.carryAll(List.of(frame.sent()), all -> frame.payloadOf(all) >= frame.payload());
      frame.check(got, Frames.HEADER + mtu, pair.counts());
    }
  }

  @Rule(
      id = "offload-1",
      says =
          "If CHECKSUM is declared, a frame arrives with the checksum that it lacked, or still"
              + " marked.")
  default void checksumsAreFilled(Bench bench) throws Exception {
    carry(bench, Offloads.CHECKSUM, true, true, false);
    bench.closeAll();
    carry(bench, Offloads.CHECKSUM, false, false, false);
  }

  @Rule(
      id = "offload-2",
      says = "If TSO4 is declared, a long TCP segment over IPv4 arrives whole or cut rightly.")
  default void tcpOverIpv4IsCut(Bench bench) throws Exception {
    carry(bench, Offloads.TSO4, true, true, true);
  }

  @Rule(
      id = "offload-3",
      says = "If TSO6 is declared, a long TCP segment over IPv6 arrives whole or cut rightly.")
  default void tcpOverIpv6IsCut(Bench bench) throws Exception {
    carry(bench, Offloads.TSO6, false, true, true);
  }

  @Rule(
      id = "offload-4",
      says = "If USO is declared, a bundle of datagrams arrives whole or cut rightly.")
  default void datagramsAreCut(Bench bench) throws Exception {
    carry(bench, Offloads.USO, true, false, true);
    bench.closeAll();
    carry(bench, Offloads.USO, false, false, true);
  }
}
