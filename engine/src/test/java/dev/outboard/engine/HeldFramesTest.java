package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.isolation.Shared;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports that send without a copy: a guest's buffers go back when they have let go, not before. */
class HeldFramesTest {
  private static final int RING = 64;

  private static TwoHosts holdingHosts() throws Exception {
    return holdingHosts(1);
  }

  private static TwoHosts holdingHosts(int workers) throws Exception {
    return new TwoHosts(
        new EngineSettings(workers, List.of(), 50, 5_000_000, 16), new Shared(), true);
  }

  private static VhostUserGuest start(TestHost host, int n) throws Exception {
    return start(host, n, false);
  }

  private static VhostUserGuest start(TestHost host, int n, boolean packed) throws Exception {
    GuestOptions options = packed ? GuestOptions.PACKED : GuestOptions.DEFAULT;
    return host.start(TwoHosts.guest(host, n), options.withQueueSize(RING));
  }

  private static FrameTemplate udp(int from, int to) {
    return FrameTemplate.udp(TestHost.endpoint(from), TestHost.endpoint(to), 1_000).withContent();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingChangesInAFrameWhileItIsHeld(boolean packed) throws Exception {
    try (TwoHosts hosts = holdingHosts()) {
      VhostUserGuest one = start(hosts.a, 1, packed);
      VhostUserGuest two = start(hosts.b, 2, packed);
      TwoHosts.know(hosts.a, 2, "b");
      TwoHosts.know(hosts.b, 1, "a");
      FrameTemplate template = udp(1, 2);
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(one, two, template, check, 5_000, 48);
      assertEquals(5_000, check.frames());
      assertEquals(0, check.lost() + check.late() + check.corrupt());
      assertEquals(Map.of(), hosts.a.drops(1));
      TestHost.await(() -> hosts.wire.held.get() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void buffersComeBackWhenThePortHasLetGo(boolean packed) throws Exception {
    try (TwoHosts hosts = holdingHosts()) {
      VhostUserGuest one = start(hosts.a, 1, packed);
      TwoHosts.know(hosts.a, 2, "b");
      hosts.wire.letGo = false;
      FrameTemplate template = udp(1, 2);
      long sent = one.send(template, 0, 1);
      TestHost.await(() -> hosts.wire.held.get() == 1);
      for (int tries = 0; tries < 1_000; tries++) {
        sent += one.send(template, sent, RING);
      }
      assertTrue(sent <= RING, sent + " frames in a ring of " + RING);
      assertEquals(1, hosts.wire.held.get(), "one burst of a queue at a time");
      hosts.wire.letGo = true;
      while (sent < 1_000) {
        sent += one.send(template, sent, (int) Math.min(RING, 1_000 - sent));
      }
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == 1_000);
      assertEquals(1_000, hosts.wire.carried.get());
    }
  }

  @Test
  void otherGuestsGoOnMeanwhile() throws Exception {
    try (TwoHosts hosts = holdingHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest three = start(hosts.a, 3);
      VhostUserGuest four = start(hosts.a, 4);
      TwoHosts.know(hosts.a, 2, "b");
      hosts.wire.letGo = false;
      one.send(udp(1, 2), 0, 1);
      TestHost.await(() -> hosts.wire.held.get() == 1);
      FrameTemplate template = udp(3, 4);
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(three, four, template, check, 2_000, 32);
      assertEquals(2_000, check.frames());
      hosts.wire.letGo = true;
      TestHost.await(() -> hosts.wire.held.get() == 0);
    }
  }

  @Test
  void segmentsOfASuperFrameHoldItTogether() throws Exception {
    try (TwoHosts hosts = holdingHosts()) {
      GuestOptions large =
          GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER).withTxSlots(4);
      VhostUserGuest one = hosts.a.start(TwoHosts.guest(hosts.a, 1), large);
      TwoHosts.know(hosts.a, 2, "b");
      hosts.wire.letGo = false;
      FrameTemplate template =
          FrameTemplate.tcp(TestHost.endpoint(1), TestHost.endpoint(2), 60_054, 500).withContent();
      assertEquals(1, one.send(template, 0, 1));
      TestHost.await(() -> hosts.wire.held.get() >= 100);
      assertEquals(0, TwoHosts.uplink(hosts.a).receivedFrames());
      hosts.wire.letGo = true;
      long sent = 1;
      while (sent < 50) {
        sent += one.send(template, sent, 1);
      }
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == 50);
      assertEquals(50 * 120, hosts.wire.carried.get());
      TestHost.await(() -> hosts.wire.held.get() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGuestThatIsMovedOrDetachedLeavesWhenThePortHasLetGo(boolean packed) throws Exception {
    try (TwoHosts hosts = holdingHosts(2)) {
      VhostUserGuest one = start(hosts.a, 1, packed);
      TwoHosts.know(hosts.a, 2, "b");
      int worker = hosts.a.status("g1").worker();
      FrameTemplate template = udp(1, 2);
      long sent = 0;
      for (int move = 0; move < 20; move++) {
        sent += one.send(template, sent, 16);
        hosts.a.engine.move("g1", (worker + move + 1) % 2);
      }
      long all = sent;
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == all);
      assertEquals(Map.of(), hosts.a.drops(1));
      one.send(template, sent, 16);
      hosts.a.engine.detach("g1");
      TestHost.await(() -> hosts.wire.held.get() == 0);
    }
  }

  @Test
  void aPortThatNeverLetsGoGetsNoMoreFramesAndHoldsNobodyUpForLong() throws Exception {
    try (TwoHosts hosts = holdingHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest three = start(hosts.a, 3);
      TwoHosts.know(hosts.a, 2, "b");
      hosts.wire.letGo = false;
      one.send(udp(1, 2), 0, 1);
      TestHost.await(() -> hosts.wire.held.get() == 1);
      hosts.a.engine.detach("g1");
      assertTrue(hosts.a.problems.removeIf(line -> line.contains("has not let go of frames")));
      three.send(udp(3, 2), 0, 1);
      TestHost.await(() -> hosts.a.drops(3).equals(Map.of("uplink-failed", 1L)));
      assertEquals(0, hosts.wire.held.get(), "it was unbound");
    }
  }
}
