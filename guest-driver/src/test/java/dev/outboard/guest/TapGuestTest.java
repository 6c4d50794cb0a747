package dev.outboard.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.outboard.linux.Processes;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two guests whose VMMs own a TAP each, on a bridge in a namespace of the test's own. */
@Timeout(120)
class TapGuestTest {
  private static final Endpoint A = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint B = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");
  private static final int MTU = 9000;

  @BeforeEach
  void requireRoot() {
    assumeTrue(Processes.isRoot(), "namespaces and TAPs need root");
  }

  static List<GuestOptions> shapes() {
    GuestOptions plain =
        GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER).withTxSlots(16);
    ChainShape indirect = new ChainShape(ChainShape.Kind.INDIRECT, 4096);
    ChainShape linked = new ChainShape(ChainShape.Kind.CHAINED, 4096);
    return List.of(
        plain,
        plain.withTx(indirect, GuestOptions.SUPER_BUFFER),
        plain.withTx(linked, GuestOptions.SUPER_BUFFER),
        plain.withMemory(new GuestMemory.Options(2, false, true)),
        plain
            .withFeatures(VirtioNet.VERSION_1)
            .withRx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER));
  }

  private static GuestPair pair(GuestOptions options, GuestPair.Driving driving) throws Exception {
    int[] taps = PrivateNetworks.tapPair(MTU);
    return new GuestPair(
        new TapGuest("a", options, taps[0], MTU),
        new TapGuest("b", options, taps[1], MTU),
        A,
        B,
        driving,
        GuestPair.Idling.ADAPTIVE,
        -1,
        -1);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void carriesEveryFrameWhole(GuestOptions options) throws Exception {
    try (GuestPair pair = pair(options, GuestPair.Driving.TOGETHER)) {
      for (int length : new int[] {60, 1514, 1515, 9014}) {
        exchange(pair, pair.toB(FrameTemplate.Kind.UDP, length, 0).withContent(), 200);
        exchange(pair, pair.toB(FrameTemplate.Kind.RAW, length, 0).withContent(), 50);
      }
      if ((options.features() & VirtioNet.GUEST_TSO4) != 0) {
        exchange(pair, pair.toB(FrameTemplate.Kind.TCP, 30_000, 1448).withContent(), 50);
        exchange(pair, pair.toB(FrameTemplate.Kind.TCP, 65_226, 1448).withContent(), 20);
      }
    }
  }

  private static void exchange(GuestPair pair, FrameTemplate template, int frames) {
    FrameCheck check = new FrameCheck(template);
    long end = System.nanoTime() + 20_000_000_000L;
    int window = Math.max(1, pair.capacity(template.length()) / 2);
    long sent = 0;
    while (check.position() < frames) {
      int room = (int) Math.min(frames - sent, window - (sent - check.position()));
      if (room > 0) {
        sent += pair.a().send(template, sent, room);
      }
      int _ = pair.b().receive(check, 8);
      assertTrue(System.nanoTime() < end, () -> "stuck at " + check.position());
    }
    assertEquals(frames, check.position(), template.kind() + " of " + template.length());
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }

  @Test
  void loadsRunWithAThreadForEachGuest() throws Exception {
    for (GuestPair.Driving driving : GuestPair.Driving.values()) {
      try (GuestPair pair = pair(GuestOptions.DEFAULT, driving)) {
        LoadResult rtt = PingPong.run(pair, FrameTemplate.Kind.RAW, 64, 30, 500);
        assertEquals(500, rtt.sent());
        assertWhole(rtt);
        assertEquals(500, rtt.rtt().orElseThrow().getTotalCount());
        assertWhole(Stream.run(pair, FrameTemplate.Kind.UDP, 1514, 1448, 64, 32, 0.3));
        LoadResult paced = Paced.run(pair, FrameTemplate.Kind.UDP, 64, 2000, 64, 0.3);
        assertWhole(paced);
        assertEquals(600, paced.rtt().orElseThrow().getTotalCount(), paced::toJson);
        LoadResult messages = Messages.run(pair, FrameTemplate.Kind.UDP, 100, 1000, 1448, 16, 0.3);
        assertWhole(messages);
        assertEquals(messages.sent(), messages.rtt().orElseThrow().getTotalCount());
      }
    }
  }

  private static void assertWhole(LoadResult result) {
    assertTrue(result.sent() > 0, result::toJson);
    assertEquals(result.sent(), result.received(), result::toJson);
    assertEquals(0, result.lost() + result.late() + result.corrupt(), result::toJson);
  }

  @Test
  void everyWayOfIdlingCarriesEveryLoad() throws Exception {
    for (GuestPair.Idling idling : GuestPair.Idling.values()) {
      try (GuestPair any = pair(GuestOptions.DEFAULT, GuestPair.Driving.APART)) {
        GuestPair pair = any.idling(idling);
        assertWhole(PingPong.run(pair, FrameTemplate.Kind.UDP, 64, 30, 100));
        assertWhole(Stream.run(pair, FrameTemplate.Kind.UDP, 64, 0, 64, 32, 0.1));
        assertWhole(Paced.run(pair, FrameTemplate.Kind.UDP, 64, 1000, 64, 0.1));
      }
    }
  }

  @Test
  void nothingIsAllocatedForEachFrame() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (GuestPair pair = pair(GuestOptions.DEFAULT, GuestPair.Driving.TOGETHER)) {
      FrameTemplate template = pair.toB(FrameTemplate.Kind.UDP, 64, 0);
      FrameCheck check = new FrameCheck(template);
      long end = System.nanoTime() + 30_000_000_000L;
      long allocated = Long.MAX_VALUE;
      // Until the compiler has done its work, calls through method handles allocate.
      while (allocated > 1000 && System.nanoTime() < end) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
          long sent = check.position();
          assertEquals(8, pair.a().send(template, sent, 8));
          while (check.position() < sent + 8) {
            int _ = pair.b().receive(check, 8);
          }
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertTrue(allocated <= 1000, allocated + " bytes for 80,000 frames");
    }
  }

  @Test
  void hostPeersTalkOverVeth() throws Exception {
    HostPeer[] peers = PrivateNetworks.hostPair(A, B, MTU);
    try (GuestPair pair =
        new GuestPair(
            peers[0], peers[1], A, B, GuestPair.Driving.APART, GuestPair.Idling.ADAPTIVE, -1, -1)) {
      LoadResult rtt = PingPong.run(pair, FrameTemplate.Kind.UDP, 64, 30, 200);
      assertEquals(200, rtt.rtt().orElseThrow().getTotalCount(), rtt::toJson);
      assertWhole(Stream.run(pair, FrameTemplate.Kind.UDP, 9014, 1448, 64, 32, 0.3));
    }
  }
}
