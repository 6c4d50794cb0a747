package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who hears whom: same network and same tenant only; neighbours are answered by the sidecar. */
class ReachabilityTest {
  private static final long PATIENCE = 2_000_000_000L;
  private static final long NOTHING = 50_000_000L;

  private static byte[] plain(int from, long to) {
    return Frames.ethernet(to, TestHost.endpoint(from).mac(), Frames.TYPE_TEST, new byte[50]);
  }

  private static byte[] plain(int from, int to) {
    return plain(from, TestHost.endpoint(to).mac());
  }

  private static byte[] body(byte[] received) {
    return Arrays.copyOfRange(received, 12, received.length);
  }

  @Test
  void anotherTenantIsOutOfReach() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(host.spec(2, "rival"), GuestOptions.DEFAULT);
      a.sendFrame(plain(1, 2));
      a.sendFrame(plain(1, Frames.BROADCAST));
      a.sendFrame(
          Frames.arpRequest(
              TestHost.endpoint(1).mac(), TestHost.endpoint(1).ip(), TestHost.endpoint(2).ip()));
      TestHost.await(() -> host.counters(1).sentFrames() == 3);
      assertEquals(Map.of("other-tenant", 1L), host.drops(1));
      assertNull(b.receiveBytes(NOTHING));
      assertNull(a.receiveBytes(0), "nobody answers for another tenant's guest");
    }
  }

  @Test
  void anotherNetworkIsOutOfReach() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      GuestSpec two = host.spec(2);
      VhostUserGuest b =
          host.start(
              new GuestSpec(
                  "g2",
                  "acme",
                  TestHost.NETWORK + 1,
                  two.mac(),
                  two.addresses(),
                  two.socket(),
                  1500,
                  Optional.empty(),
                  true),
              GuestOptions.DEFAULT);
      a.sendFrame(plain(1, 2));
      a.sendFrame(plain(1, Frames.BROADCAST));
      TestHost.await(() -> host.counters(1).sentFrames() == 2);
      assertEquals(Map.of("unknown-destination", 1L), host.drops(1));
      assertNull(b.receiveBytes(NOTHING));
    }
  }

  @Test
  void broadcastReachesEveryGuestOfTheTenantButTheSender() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      VhostUserGuest c = host.start(3);
      byte[] frame = plain(1, Frames.BROADCAST);
      a.sendFrame(frame);
      assertArrayEquals(frame, body(b.receiveBytes(PATIENCE)));
      assertArrayEquals(frame, body(c.receiveBytes(PATIENCE)));
      assertNull(a.receiveBytes(0));
      assertEquals(1, host.counters(1).floodedFrames());
      assertEquals(2, host.counters(1).floodCopies());
    }
  }

  @Test
  void broadcastIsLimitedPerGuest() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      host.start(2);
      byte[] frame = plain(1, Frames.BROADCAST);
      int sent = 0;
      while (sent < 2_000) {
        sent += a.sendFrame(frame) ? 1 : 0;
      }
      int all = sent;
      TestHost.await(() -> host.counters(1).sentFrames() == all);
      GuestStatus.Counters counters = host.counters(1);
      long dropped = counters.drops().getOrDefault("flood-limit", 0L);
      assertEquals(all, counters.floodedFrames() + dropped);
      assertEquals(true, dropped > 500, counters.toString());
    }
  }

  @Test
  void arpForAKnownGuestIsAnsweredInItsPlace() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      long mac1 = TestHost.endpoint(1).mac();
      long mac2 = TestHost.endpoint(2).mac();
      byte[] ip1 = TestHost.endpoint(1).ip();
      byte[] ip2 = TestHost.endpoint(2).ip();
      a.sendFrame(Frames.arpRequest(mac1, ip1, ip2));
      assertArrayEquals(Frames.arpReply(mac2, ip2, mac1, ip1), body(a.receiveBytes(PATIENCE)));
      assertNull(b.receiveBytes(NOTHING));
      assertEquals(1, host.counters(1).answeredFrames());
    }
  }

  @Test
  void aProbeForOnesOwnAddressIsNotAnswered() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      a.sendFrame(
          Frames.arpRequest(TestHost.endpoint(1).mac(), new byte[4], TestHost.endpoint(1).ip()));
      TestHost.await(() -> host.counters(1).floodedFrames() == 1);
      assertNull(a.receiveBytes(NOTHING));
    }
  }

  @Test
  void aSolicitationForAKnownGuestIsAnsweredInItsPlace() throws Exception {
    try (TestHost host = new TestHost()) {
      byte[] six1 = InetAddress.getByName("2001:db8::1").getAddress();
      byte[] six2 = InetAddress.getByName("2001:db8::2").getAddress();
      VhostUserGuest a = host.start(six(host, 1), GuestOptions.DEFAULT);
      host.engine.attach(six(host, 2));
      long mac1 = TestHost.endpoint(1).mac();
      long mac2 = TestHost.endpoint(2).mac();
      a.sendFrame(Frames.neighbourSolicitation(mac1, six1, six2));
      assertArrayEquals(
          Frames.neighbourAdvertisement(mac2, six2, mac1, six1), body(a.receiveBytes(PATIENCE)));
    }
  }

  private static GuestSpec six(TestHost host, int n) throws Exception {
    GuestSpec spec = host.spec(n);
    return new GuestSpec(
        spec.id(),
        spec.tenant(),
        spec.network(),
        spec.mac(),
        List.of(InetAddress.getByName("2001:db8::" + n)),
        spec.socket(),
        spec.mtu(),
        Optional.empty(),
        true);
  }

  @Test
  void aGuestWhoseDriverHasNotStartedCostsTheSenderTheFrame() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      host.engine.attach(host.spec(2));
      a.sendFrame(plain(1, 2));
      TestHost.await(() -> host.drops(1).equals(Map.of("destination-down", 1L)));
    }
  }

  @Test
  void aDetachedGuestIsForgotten() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      host.start(2);
      host.engine.detach("g2");
      a.sendFrame(plain(1, 2));
      TestHost.await(() -> host.drops(1).equals(Map.of("unknown-destination", 1L)));
      host.engine.attach(host.spec(2));
      assertEquals(2, host.engine.guests().size());
    }
  }
}
