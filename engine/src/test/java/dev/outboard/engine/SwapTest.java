package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.SwapScope.All;
import dev.outboard.engine.SwapScope.Guests;
import dev.outboard.engine.SwapScope.OfUplink;
import dev.outboard.engine.SwapScope.Rule;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.testkit.loopback.LoopbackProvider;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Guests' frames take another way while they flow: none is lost, none comes twice. */
class SwapTest {
  private static final ValueLayout.OfLong NUMBER =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int VIRTIO_HEADER = 12;
  private static final int ETHERNET_HEADER = 14;
  private static final int LENGTH = 100;

  /** Fewer than any queue on the way holds. */
  private static final int WINDOW = 32;

  private static final long PATIENCE = 10_000_000_000L;
  private static final long NOTHING = 50_000_000L;
  private static final Optional<String> SAME = Optional.empty();

  /** A sender and a receiver: which numbers came, how often one came late. */
  private static final class Flow {
    private final VhostUserGuest from;
    private final VhostUserGuest to;
    private final FrameTemplate template;
    private final BitSet came = new BitSet();
    private long sent;
    private long received;
    private long highest = -1;
    private int twice;
    private int late;

    Flow(VhostUserGuest from, int fromNumber, VhostUserGuest to, int toNumber) {
      this.from = from;
      this.to = to;
      template =
          FrameTemplate.raw(TestHost.endpoint(fromNumber), TestHost.endpoint(toNumber), LENGTH);
    }

    /** Sends so many more, and takes what comes meanwhile. */
    void flow(int frames) {
      long end = sent + frames;
      long deadline = System.nanoTime() + PATIENCE;
      while (sent < end && System.nanoTime() < deadline) {
        int room = (int) Math.min(WINDOW - (sent - received), end - sent);
        sent += room > 0 ? from.send(template, sent, room) : 0;
        receive(0);
      }
    }

    /** Waits for all that were sent. */
    void settle() {
      long deadline = System.nanoTime() + PATIENCE;
      while (received < sent && System.nanoTime() < deadline) {
        receive(1_000_000);
      }
      receive(NOTHING);
    }

    private void receive(long nanos) {
      for (byte[] frame = to.receiveBytes(nanos); frame != null; frame = to.receiveBytes(0)) {
        long number = MemorySegment.ofArray(frame).get(NUMBER, VIRTIO_HEADER + ETHERNET_HEADER);
        twice += came.get((int) number) ? 1 : 0;
        late += number < highest ? 1 : 0;
        came.set((int) number);
        highest = Math.max(highest, number);
        received++;
      }
    }

    void assertEachCameOnce() {
      settle();
      assertEquals(0, twice, "came twice");
      assertEquals(sent, came.cardinality(), "came, but for number " + came.nextClearBit(0));
    }
  }

  private static SwapSpec to(SwapScope scope, String uplink) {
    return new SwapSpec(scope, Optional.of(uplink), Optional.empty(), Optional.empty());
  }

  private static SwapSpec off(SwapScope scope, String uplink) {
    return new SwapSpec(scope, Optional.of(uplink), Optional.of(false), Optional.empty());
  }

  private static void swap(Engine engine, SwapSpec spec) throws EngineException {
    engine.prepareSwap("s", spec);
    engine.commitSwap("s", List.of());
    engine.finishSwap("s");
  }

  private static TestHost lan() throws Exception {
    TestHost host = new TestHost(new EngineSettings(2, List.of(), 50, 5_000_000, 16));
    for (String name : List.of("lan0", "lan1")) {
      host.engine.openUplink(
          name, LoopbackProvider.perGuest(false), Map.of("endpoint", name, "mtu", "1500"));
    }
    return host;
  }

  @Test
  void betweenSharedMemoryAndPortsEachFrameComesOnce() throws Exception {
    try (TestHost host = lan()) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      Flow flow = new Flow(one, 1, two, 2);
      flow.flow(500);
      flow.settle();
      for (int i = 0; i < 20; i++) {
        host.engine.prepareSwap("s", i % 2 == 0 ? off(new All(), "lan0") : to(new All(), "local"));
        flow.flow(300);
        host.engine.commitSwap("s", List.of("g1"));
        flow.flow(300);
        host.engine.commitSwap("s", List.of());
        flow.flow(300);
        host.engine.finishSwap("s");
      }
      flow.assertEachCameOnce();
      assertEquals(List.of(), host.engine.swaps());
      assertEquals(Map.of(), host.drops(1));
    }
  }

  @Test
  void onSharedMemoryAFlowStaysInOrder() throws Exception {
    try (TestHost host = lan()) {
      Flow flow = new Flow(host.start(1), 1, host.start(2), 2);
      for (String uplink : List.of("lan0", "lan1", "lan0", "lan1")) {
        flow.flow(500);
        host.engine.prepareSwap("s", to(new All(), uplink));
        flow.flow(500);
        host.engine.commitSwap("s", List.of());
        flow.flow(500);
        host.engine.finishSwap("s");
      }
      flow.assertEachCameOnce();
      assertEquals(0, flow.late);
    }
  }

  @Test
  void fromPortToPortEachFrameComesOnceAndOldPortsAreClosed() throws Exception {
    try (TestHost host = lan()) {
      Flow flow = new Flow(host.start(1), 1, host.start(2), 2);
      swap(host.engine, off(new All(), "lan0"));
      flow.flow(1_000);
      OpenThings before = OpenThings.now();
      for (int i = 1; i <= 8; i++) {
        host.engine.prepareSwap("s", to(new All(), "lan" + i % 2));
        flow.flow(200);
        host.engine.commitSwap("s", List.of("g2"));
        flow.flow(200);
        host.engine.commitSwap("s", List.of());
        flow.flow(200);
        host.engine.finishSwap("s");
        flow.flow(200);
      }
      flow.assertEachCameOnce();
      OpenThings.awaitNoMoreThan(before);
      assertEquals(Optional.of("lan0"), host.status("g1").spec().uplink());
      host.engine.closeUplink("lan1");
    }
  }

  @Test
  void whatIsAbortedIsAsBefore() throws Exception {
    try (TestHost host = lan()) {
      Flow flow = new Flow(host.start(1), 1, host.start(2), 2);
      OpenThings before = OpenThings.now();
      for (int i = 0; i < 3; i++) {
        host.engine.prepareSwap("s", off(new All(), "lan0"));
        flow.flow(200);
        if (i > 0) {
          host.engine.commitSwap("s", i == 1 ? List.of("g1") : List.of());
        }
        flow.flow(200);
        host.engine.abortSwap("s");
        flow.flow(200);
      }
      flow.assertEachCameOnce();
      OpenThings.awaitNoMoreThan(before);
      assertEquals(Optional.empty(), host.status("g1").spec().uplink());
      assertTrue(host.status("g1").spec().localForwarding());
      host.engine.closeUplink("lan0");
    }
  }

  @Test
  void whatCantOpenLeavesAllAsItWas() throws Exception {
    try (TestHost host = lan()) {
      Flow flow = new Flow(host.start(1), 1, host.start(2), 2);
      host.engine.openUplink(
          "narrow", LoopbackProvider.perGuest(false), Map.of("endpoint", "n", "mtu", "1400"));
      OpenThings before = OpenThings.now();
      EngineException refused =
          assertThrows(
              EngineException.class, () -> host.engine.prepareSwap("s", off(new All(), "narrow")));
      assertEquals(
          "guest 'g1': the MTU of its network is 1500, uplink 'narrow' carries at most 1400",
          refused.getMessage());
      assertEquals(List.of(), host.engine.swaps());
      OpenThings.awaitNoMoreThan(before);
      flow.flow(500);
      flow.assertEachCameOnce();
    }
  }

  @Test
  void mistakesAreOneLineThatSaysWhatThereIs() throws Exception {
    try (TestHost host = lan()) {
      host.engine.attach(host.spec(1));
      String[][] mistakes = {
        {"swap: unknown uplink 'wan', known are: lan0, lan1", "g1", "wan"},
        {"no guest 'g9' is attached; list shows those that are", "g9", "lan0"},
      };
      for (String[] mistake : mistakes) {
        SwapSpec spec = to(new Guests(List.of(mistake[1])), mistake[2]);
        EngineException refused =
            assertThrows(EngineException.class, () -> host.engine.prepareSwap("s", spec));
        assertEquals(mistake[0], refused.getMessage());
      }
      EngineException noRule =
          assertThrows(
              EngineException.class,
              () -> host.engine.prepareSwap("s", to(new Rule("bulk"), "lan0")));
      assertEquals("there is no route 'bulk'; there are: []", noRule.getMessage());
      EngineException noSwap =
          assertThrows(EngineException.class, () -> host.engine.commitSwap("x", List.of()));
      assertEquals("no swap 'x' is under way; there are: none", noSwap.getMessage());
      host.engine.prepareSwap("s", to(new All(), "lan0"));
      EngineException busy =
          assertThrows(
              EngineException.class,
              () -> host.engine.prepareSwap("t", to(new Guests(List.of("g1")), "lan1")));
      assertEquals("guest 'g1' is in swap 's': finish or abort that first", busy.getMessage());
      EngineException early =
          assertThrows(EngineException.class, () -> host.engine.finishSwap("s"));
      assertEquals("swap 's' is not committed for all of its guests", early.getMessage());
      assertThrows(EngineException.class, () -> host.engine.handOver());
      host.engine.abortSwap("s");
    }
  }

  @Test
  void aGuestThatIsDetachedMeanwhileLeavesTheSwap() throws Exception {
    try (TestHost host = lan()) {
      host.engine.attach(host.spec(1));
      host.engine.attach(host.spec(2));
      host.engine.prepareSwap("s", to(new All(), "lan0"));
      host.engine.detach("g1");
      assertEquals(List.of("g2"), host.engine.commitSwap("s", List.of()).moved());
      host.engine.finishSwap("s");
      host.engine.detach("g2");
      host.engine.closeUplink("lan0");
    }
  }

  @Test
  void aRuleLeadsToAnotherUplinkForGuestsThatComeLaterToo() throws Exception {
    try (TestHost host = lan()) {
      host.engine.addRoute(
          new RouteSpec(
              "all",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              "lan0",
              Optional.empty()));
      GuestSpec first = onlyByPorts(host.spec(1));
      GuestSpec second = onlyByPorts(host.spec(2));
      VhostUserGuest one = host.start(first, GuestOptions.DEFAULT);
      swap(host.engine, to(new Rule("all"), "lan1"));
      host.engine.closeUplink("lan0");
      Flow flow = new Flow(one, 1, host.start(second, GuestOptions.DEFAULT), 2);
      flow.flow(500);
      flow.assertEachCameOnce();
      assertEquals(SAME, host.status("g1").spec().uplink());
    }
  }

  @Test
  void aGuestThatIsAttachedMeanwhileTakesTheWayOfTheOthers() throws Exception {
    try (TestHost host = lan()) {
      VhostUserGuest one = host.start(1);
      host.engine.prepareSwap("s", off(new All(), "lan0"));
      VhostUserGuest two = host.start(2);
      assertEquals(Optional.empty(), host.status("g2").spec().uplink());
      assertEquals(List.of("g1", "g2"), host.engine.swaps().getFirst().guests());
      Flow flow = new Flow(one, 1, two, 2);
      flow.flow(200);
      assertEquals(List.of("g1", "g2"), host.engine.commitSwap("s", List.of()).moved());
      flow.flow(200);
      VhostUserGuest three = host.start(3);
      Flow late = new Flow(one, 1, three, 3);
      late.flow(200);
      assertEquals(List.of("g1", "g2", "g3"), host.engine.finishSwap("s").moved());
      for (String guest : List.of("g1", "g2", "g3")) {
        assertEquals(Optional.of("lan0"), host.status(guest).spec().uplink());
      }
      flow.flow(200);
      late.flow(200);
      flow.assertEachCameOnce();
      late.assertEachCameOnce();
    }
  }

  @Test
  void aGuestThatIsAttachedMeanwhileIsPutBackWithTheOthers() throws Exception {
    try (TestHost host = lan()) {
      host.engine.attach(host.spec(1));
      host.engine.prepareSwap("s", off(new All(), "lan0"));
      host.engine.commitSwap("s", List.of());
      host.engine.attach(host.spec(2));
      host.engine.abortSwap("s");
      assertEquals(host.spec(2), host.status("g2").spec());
      host.engine.closeUplink("lan0");
    }
  }

  @Test
  void whatASwapLeadsToOrBackToStaysOpen() throws Exception {
    try (TestHost host = lan()) {
      Wire wire = new Wire();
      host.engine.openUplink("shared", wire.end("a"), Map.of());
      host.engine.attach(host.spec(1));
      swap(host.engine, off(new All(), "lan0"));
      host.engine.prepareSwap("s", to(new All(), "shared"));
      for (String uplink : List.of("shared", "lan0")) {
        EngineException refused =
            assertThrows(EngineException.class, () -> host.engine.closeUplink(uplink));
        assertTrue(refused.getMessage().contains("swap 's'"), refused.getMessage());
        host.engine.commitSwap("s", List.of());
      }
      host.engine.finishSwap("s");
      host.engine.closeUplink("lan0");
    }
  }

  private static GuestSpec onlyByPorts(GuestSpec spec) {
    return spec.onWay(Optional.empty(), false);
  }

  @Test
  void betweenHostsRemotesAreReachedByAnotherSharedUplink() throws Exception {
    Wire other = new Wire();
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.openUplink("slow", other.end("a"), Map.of());
      hosts.b.engine.openUplink("slow", other.end("b"), Map.of());
      know(hosts.a, 2, "b");
      know(hosts.b, 1, "a");
      Flow flow = between(hosts);
      String[] uplinks = {"up", "slow"};
      for (int i = 0; i < 10; i++) {
        String from = uplinks[i % 2];
        String to = uplinks[(i + 1) % 2];
        flow.flow(100);
        List<Engine> both = List.of(hosts.a.engine, hosts.b.engine);
        for (Engine engine : both) {
          engine.prepareSwap("s", to(new OfUplink(from), to));
        }
        for (Engine engine : both) {
          flow.flow(100);
          engine.commitSwap("s", List.of());
          flow.flow(100);
        }
        for (Engine engine : both) {
          engine.finishSwap("s");
        }
      }
      flow.assertEachCameOnce();
      assertTrue(other.carried.get() >= 500, other.carried + " by the other uplink");
      assertEquals(Map.of(), hosts.a.drops(1));
    }
    assertEquals(List.of(), other.complaints);
  }

  @Test
  void oneGuestTakesASharedUplinkByItselfOtherGuestsDoNot() throws Exception {
    Wire other = new Wire();
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.openUplink("slow", other.end("a"), Map.of());
      hosts.b.engine.openUplink("slow", other.end("b"), Map.of());
      know(hosts.a, 2, "b");
      know(hosts.b, 1, "a");
      Flow flow = between(hosts);
      VhostUserGuest three = hosts.a.start(TwoHosts.guest(hosts.a, 3), GuestOptions.DEFAULT);
      hosts.b.engine.addRemote(TwoHosts.remote(3, at("up", "a"), at("slow", "a")));
      swap(hosts.a.engine, to(new Guests(List.of("g1")), "slow"));
      flow.flow(200);
      flow.assertEachCameOnce();
      assertEquals(200, other.carried.get());
      Flow usual = new Flow(three, 3, flow.to, 2);
      usual.flow(200);
      usual.assertEachCameOnce();
      assertEquals(200, other.carried.get());
    }
  }

  @Test
  void aPartOfTheGuestsOfAnUplinkGoesAheadAndComesBack() throws Exception {
    Wire other = new Wire();
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.openUplink("slow", other.end("a"), Map.of());
      hosts.b.engine.openUplink("slow", other.end("b"), Map.of());
      know(hosts.a, 2, "b");
      know(hosts.b, 1, "a");
      Flow flow = between(hosts);
      hosts.a.engine.attach(TwoHosts.guest(hosts.a, 3));
      hosts.a.engine.prepareSwap("s", to(new OfUplink("up"), "slow"));
      SwapStatus partly = hosts.a.engine.commitSwap("s", List.of("g1"));
      assertEquals(SwapStatus.State.PARTLY, partly.state());
      assertEquals(List.of("g1", "g3"), partly.guests());
      flow.flow(200);
      flow.settle();
      assertEquals(200, other.carried.get());
      hosts.a.engine.abortSwap("s");
      flow.flow(200);
      flow.assertEachCameOnce();
      assertEquals(200, other.carried.get());
    }
  }

  @Test
  void aRemoteWithoutAPlaceThereStopsTheSwap() throws Exception {
    Wire other = new Wire();
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.openUplink("slow", other.end("a"), Map.of());
      TwoHosts.know(hosts.a, 2, "b");
      EngineException refused =
          assertThrows(
              EngineException.class,
              () -> hosts.a.engine.prepareSwap("s", to(new OfUplink("up"), "slow")));
      assertEquals(
          "remote 'r2' has no place on uplink 'slow': give it one under alternatives",
          refused.getMessage());
    }
  }

  @Test
  void betweenHostsGuestsGetPortsOfTheirOwnAndGiveThemUpAgain() throws Exception {
    LoopbackProvider lan = LoopbackProvider.perGuest(false);
    try (TwoHosts hosts = new TwoHosts()) {
      for (TestHost host : List.of(hosts.a, hosts.b)) {
        host.engine.openUplink("lan", lan, Map.of("endpoint", "lan", "mtu", "1500"));
      }
      hosts.a.engine.addRemote(TwoHosts.remote(2, at("up", "b"), at("lan", null)));
      hosts.b.engine.addRemote(TwoHosts.remote(1, at("up", "a"), at("lan", null)));
      Flow flow = between(hosts);
      List<Engine> both = List.of(hosts.a.engine, hosts.b.engine);
      String[] uplinks = {"up", "lan"};
      for (int i = 0; i < 4; i++) {
        SwapSpec spec = to(new OfUplink(uplinks[i % 2]), uplinks[(i + 1) % 2]);
        for (Engine engine : both) {
          engine.prepareSwap("s", spec);
        }
        for (Engine engine : both) {
          flow.flow(100);
          engine.commitSwap("s", List.of());
          flow.flow(100);
        }
        for (Engine engine : both) {
          engine.finishSwap("s");
        }
        flow.flow(100);
      }
      flow.assertEachCameOnce();
      assertEquals(Map.of(), hosts.a.drops(1));
    }
  }

  @Test
  void aBroadcastComesOnceWhicheverWayItsSenderTakes() throws Exception {
    LoopbackProvider lan = LoopbackProvider.perGuest(false);
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.openUplink("lan", lan, Map.of("endpoint", "lan", "mtu", "1500"));
      hosts.b.engine.openUplink("lan", lan, Map.of("endpoint", "lan", "mtu", "1500"));
      hosts.a.engine.addRemote(TwoHosts.remote(2, at("up", "b"), at("lan", null)));
      hosts.b.engine.addRemote(TwoHosts.remote(1, at("up", "a"), at("lan", null)));
      Flow flow = between(hosts);
      long everybody = 0xffff_ffff_ffffL;
      byte[] frame =
          dev.outboard.guest.Frames.ethernet(
              everybody,
              TestHost.endpoint(1).mac(),
              dev.outboard.guest.Frames.TYPE_TEST,
              new byte[50]);
      assertTrue(flow.from.sendFrame(frame));
      assertEquals(VIRTIO_HEADER + frame.length, flow.to.receiveBytes(PATIENCE).length);
      assertNull(flow.to.receiveBytes(NOTHING));
      int before = hosts.wire.carried.get();
      swap(hosts.a.engine, to(new OfUplink("up"), "lan"));
      assertTrue(flow.from.sendFrame(frame));
      assertNull(flow.to.receiveBytes(NOTHING));
      assertEquals(before, hosts.wire.carried.get());
    }
  }

  private static PeerSpec at(String uplink, String endpoint) {
    return new PeerSpec(uplink, endpoint);
  }

  private static void know(TestHost host, int n, String where) throws EngineException {
    host.engine.addRemote(TwoHosts.remote(n, at("up", where), at("slow", where)));
  }

  private static Flow between(TwoHosts hosts) throws Exception {
    return new Flow(
        hosts.a.start(TwoHosts.guest(hosts.a, 1), GuestOptions.DEFAULT),
        1,
        hosts.b.start(TwoHosts.guest(hosts.b, 2), GuestOptions.DEFAULT),
        2);
  }
}
