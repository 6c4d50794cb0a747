package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.observation.TestSegment;
import dev.outboard.guest.ChainShape;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What is seen of the TCP of guests that talk over a real sidecar. */
class ObservationTest {
  private static final int SYN = TestSegment.SYN;
  private static final int ACK = TestSegment.ACK;
  private static final long PATIENCE = 10_000_000_000L;

  private static Observation seen(TestHost host, int n) {
    return host.engine.observations().stream()
        .filter(each -> each.guest().equals("g" + n))
        .findFirst()
        .orElseThrow();
  }

  private static long roundTrips(Observation observation) {
    return observation.roundTrips().stream().mapToLong(Observation.Bucket::count).sum();
  }

  private static byte[] segment(int from, int to, int flags, int sequence, int acknowledgment) {
    return segment(from, to, flags, sequence, acknowledgment, 0).frame();
  }

  private static TestSegment segment(
      int from, int to, int flags, int sequence, int acknowledgment, int payload) {
    return new TestSegment(
        TestHost.endpoint(from), TestHost.endpoint(to), flags, sequence, acknowledgment, payload);
  }

  /** Sends a frame and waits until the other has it. */
  private static void pass(VhostUserGuest from, VhostUserGuest to, byte[] frame) {
    assertTrue(from.sendFrame(frame));
    assertNotNull(to.receiveBytes(PATIENCE), "it arrives");
  }

  /** One opens a connection to two, which starts with 500. */
  private static void connect(VhostUserGuest one, VhostUserGuest two) {
    pass(one, two, segment(1, 2, SYN, 99, 0));
    pass(two, one, segment(2, 1, SYN | ACK, 499, 100));
    pass(one, two, segment(1, 2, ACK, 100, 500));
  }

  @Test
  void bothEndsOfAConnectionAreSeenEachFromItsSide() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      host.start(3);
      host.engine.observe("g1");
      host.engine.observe("g2");
      connect(one, two);
      pass(one, two, segment(1, 2, ACK, 100, 500, 300).frame());
      pass(one, two, segment(1, 2, ACK, 100, 500, 300).frame());
      pass(two, one, segment(2, 1, ACK, 500, 400));
      TestHost.await(() -> seen(host, 1).segments() == 3);
      assertEquals(1, roundTrips(seen(host, 1)), "its SYN; what it sent twice is not timed");
      assertEquals(1, seen(host, 1).retransmissions());
      assertEquals(600, seen(host, 1).bytes());
      assertEquals(1, roundTrips(seen(host, 2)), "its SYN");
      assertEquals(1, seen(host, 2).segments());
      assertEquals(0, seen(host, 2).retransmissions());
      assertEquals(2, host.engine.observations().size());
    }
  }

  @Test
  void aRoundTripLastsFromTheSegmentToItsAcknowledgment() throws Exception {
    long pause = 20_000_000;
    try (TestHost host = new TestHost()) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      host.engine.observe("g1");
      long begin = System.nanoTime();
      pass(one, two, segment(1, 2, SYN, 99, 0));
      long arrived = System.nanoTime();
      while (System.nanoTime() - arrived < pause) {
        LockSupport.parkNanos(pause);
      }
      pass(two, one, segment(2, 1, SYN | ACK, 499, 100));
      long atMost = System.nanoTime() - begin;
      TestHost.await(() -> roundTrips(seen(host, 1)) == 1);
      long nanos = seen(host, 1).roundTrips().getFirst().nanos();
      assertTrue(nanos >= pause * 0.99, nanos + " ns");
      assertTrue(nanos <= atMost * 1.01, nanos + " of " + atMost + " ns");
    }
  }

  /** One side takes no super-frames, so the answer comes to it in segments. */
  @Test
  void superFramesAreSeenAsTheirSegments() throws Exception {
    try (TestHost host = new TestHost()) {
      GuestOptions plain =
          GuestOptions.DEFAULT.withFeatures(VirtioNet.VERSION_1).withQueueSize(1024);
      GuestOptions large =
          GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER).withTxSlots(16);
      VhostUserGuest one = host.start(host.spec(1), plain);
      VhostUserGuest two = host.start(host.spec(2), large);
      host.engine.observe("g1");
      host.engine.observe("g2");
      connect(one, two);
      pass(one, two, segment(1, 2, ACK, 100, 500, 10).frame());
      assertTrue(two.sendBytes(segment(2, 1, ACK, 500, 110, 14_000).superFrame(1400)));
      for (int i = 0; i < 10; i++) {
        assertNotNull(one.receiveBytes(PATIENCE), "segment " + i);
      }
      TestHost.await(() -> seen(host, 2).segments() == 11);
      assertEquals(14_000, seen(host, 2).bytes());
      assertEquals(2, roundTrips(seen(host, 1)), "ten segments acknowledge the same");
      pass(one, two, segment(1, 2, ACK, 110, 14_500));
      TestHost.await(() -> roundTrips(seen(host, 2)) == 2);
    }
  }

  @Test
  void betweenTwoHostsEachSeesItsOwnGuest() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = hosts.a.start(TwoHosts.guest(hosts.a, 1), GuestOptions.DEFAULT);
      VhostUserGuest two = hosts.b.start(TwoHosts.guest(hosts.b, 2), GuestOptions.DEFAULT);
      TwoHosts.know(hosts.a, 2, "b");
      TwoHosts.know(hosts.b, 1, "a");
      hosts.a.engine.observe("g1");
      hosts.b.engine.observe("g2");
      connect(one, two);
      pass(one, two, segment(1, 2, ACK, 100, 500, 300).frame());
      pass(two, one, segment(2, 1, ACK, 500, 400));
      TestHost.await(() -> roundTrips(seen(hosts.a, 1)) == 2);
      TestHost.await(() -> roundTrips(seen(hosts.b, 2)) == 1);
      assertEquals(2, seen(hosts.a, 1).segments());
      assertEquals(1, seen(hosts.b, 2).segments());
      assertEquals(0, seen(hosts.a, 1).retransmissions());
    }
  }

  @Test
  void observingAnewBeginsWithNothing() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      host.engine.observe("g1");
      connect(one, two);
      TestHost.await(() -> seen(host, 1).segments() == 1);
      Observation anew = host.engine.observe("g1");
      assertEquals(0, anew.segments() + roundTrips(anew));
    }
  }

  @Test
  void whatWasSeenGoesAlongWhenAGuestIsMoved() throws Exception {
    try (TestHost host = new TestHost(new EngineSettings(2, List.of(), 50, 100, 16))) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      host.engine.observe("g1");
      pass(one, two, segment(1, 2, SYN, 99, 0));
      TestHost.await(() -> seen(host, 1).segments() == 1);
      host.engine.move("g1", 1);
      pass(two, one, segment(2, 1, SYN | ACK, 499, 100));
      TestHost.await(() -> roundTrips(seen(host, 1)) == 1);
    }
  }

  @Test
  void anObservationEndsWhenItIsToldToAndWithItsGuest() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      host.engine.observe("g1");
      connect(one, two);
      TestHost.await(() -> roundTrips(seen(host, 1)) == 1);
      assertEquals(1, roundTrips(host.engine.unobserve("g1")));
      assertEquals(List.of(), host.engine.observations());
      assertUnknown("'g1' is not observed", () -> host.engine.unobserve("g1"));
      pass(one, two, segment(1, 2, ACK, 100, 500, 10).frame());
      host.engine.observe("g1");
      host.engine.detach("g1");
      assertEquals(List.of(), host.engine.observations());
      assertUnknown("no guest 'g1'", () -> host.engine.observe("g1"));
    }
  }

  private interface Call {
    void run() throws EngineException;
  }

  private static void assertUnknown(String message, Call call) {
    EngineException refusal = assertThrows(EngineException.class, call::run);
    assertEquals(EngineException.Kind.UNKNOWN, refusal.kind());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }
}
