package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.testing.Footprint;
import org.junit.jupiter.api.Test;

/** What uplinks leave behind: not even memory, which the kit does not measure. */
class ComingAndGoingTest {
  private static final int NETWORK = 9;
  private static final int ROUNDS = 30;

  @Test
  void uplinksThatComeAndGoLeaveNothing() throws Exception {
    for (Underlay underlay : Underlay.values()) {
      underlay.inPrivateNetwork(
          () -> {
            comeAndGo(underlay);
            Footprint before = Footprint.now();
            for (int round = 0; round < ROUNDS; round++) {
              comeAndGo(underlay);
            }
            assertEquals("", Footprint.settled(before).growthSince(before));
          });
    }
  }

  private static void comeAndGo(Underlay underlay) throws Exception {
    try (Host here = Host.open(underlay.here);
        Host there = Host.open(underlay.there)) {
      int to = here.peer(NETWORK, underlay.there);
      int _ = there.peer(NETWORK, underlay.here);
      here.add(to, 0, 1, 100);
      here.add(to, 0, 1, 100);
      assertEquals(2, here.send());
      assertEquals(2, there.await());
      here.add(to, 0, 1, 100);
      assertEquals(1, here.send(), "left in the socket");
    }
  }
}
