package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Guests with packed rings, of each shape of chain and of sizes that are no power of two. */
class PackedForwardingTest {
  private static final int FRAMES = 20_000;

  /** With one or few under way, each waits for its processor on a busy machine. */
  private static final int FEW_FRAMES = 500;

  private static final int WINDOW = 48;
  private static final GuestOptions PACKED = GuestOptions.PACKED;

  private static void assertFramesPass(GuestOptions from, GuestOptions to, int length)
      throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(host.spec(1), from);
      VhostUserGuest b = host.start(host.spec(2), to);
      int window = Math.min(WINDOW, Math.min(a.capacity(length), b.capacity(length)));
      int frames = window < 16 ? FEW_FRAMES : FRAMES;
      assertFramesPass(a, b, length, frames, window);
      TestHost.await(() -> host.counters(1).sentFrames() == frames);
      assertEquals(frames, host.counters(2).receivedFrames());
      assertEquals(Map.of(), host.drops(1));
      assertEquals(0, a.driver().missingBuffers() + b.driver().missingBuffers());
    }
  }

  private static void assertFramesPass(
      VhostUserGuest a, VhostUserGuest b, int length, int frames, int window) {
    FrameTemplate template =
        FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), length).withContent();
    FrameCheck check = new FrameCheck(template);
    TestHost.stream(a, b, template, check, frames, window);
    assertEquals(frames, check.frames());
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 60",
    "2, 60",
    "3, 1518",
    "64, 60",
    "255, 141",
    "256, 1518",
    "1000, 140",
    "32768, 256"
  })
  void framesArriveWholeAndInOrder(int ringSize, int length) throws Exception {
    GuestOptions options = PACKED.withQueueSize(ringSize);
    assertFramesPass(options, options, length);
  }

  @ParameterizedTest
  @EnumSource(ChainShape.Kind.class)
  void chainsOfEachShapeArriveWhole(ChainShape.Kind kind) throws Exception {
    ChainShape shape = new ChainShape(kind, 700);
    GuestOptions options = PACKED.withQueueSize(99).withTx(shape, 2048).withRx(shape, 2048);
    assertFramesPass(options, options, 1518);
  }

  @ParameterizedTest
  @EnumSource(ChainShape.Kind.class)
  void framesSpreadOverSeveralBuffersArriveWhole(ChainShape.Kind kind) throws Exception {
    GuestOptions receiver = PACKED.withQueueSize(101).withRx(new ChainShape(kind, 100), 256);
    assertFramesPass(PACKED, receiver, 1518);
  }

  @Test
  void guestsOfBothLayoutsReachEachOther() throws Exception {
    assertFramesPass(PACKED, GuestOptions.DEFAULT, 512);
    assertFramesPass(GuestOptions.DEFAULT, PACKED, 512);
  }

  @Test
  void withoutEventIndexFlagsSayWhoIsWoken() throws Exception {
    long features = (VirtioNet.USUAL | VirtioNet.RING_PACKED) & ~VirtioNet.EVENT_IDX;
    GuestOptions options = PACKED.withFeatures(features);
    assertFramesPass(options, options, 512);
  }

  @Test
  void aGuestThatIsNotOfferedThemHasSplitRings() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(host.spec(1).withRing(RingLayout.SPLIT), PACKED);
      assertEquals(0, a.driver().features() & VirtioNet.RING_PACKED);
      VhostUserGuest b = host.start(host.spec(2), PACKED);
      assertTrue((b.driver().features() & VirtioNet.RING_PACKED) != 0);
    }
  }

  @Test
  void aStoppedGuestGoesOnWhereItStood() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(host.spec(1), PACKED.withQueueSize(100));
      VhostUserGuest b = host.start(host.spec(2), PACKED.withQueueSize(100));
      assertFramesPass(a, b, 300, 777, WINDOW);
      int[] bases = b.stop();
      assertEquals(77, bases[0] & 0xffff, "in the eighth lap, whose wrap counter is 0");
      assertEquals(bases[0] & 0xffff, bases[0] >>> 16);
      assertEquals(0x8000_8000, bases[1]);
      b.resume(bases);
      TestHost.await(() -> host.status("g2").state() == GuestStatus.State.RUNNING);
      assertFramesPass(a, b, 300, 777, WINDOW);
    }
  }

  /** A VMM that knows where its rings stand: the driver itself. */
  @Test
  void aNewConnectionGoesOnFromWhatWasUsed() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(host.spec(1), PACKED);
      VhostUserGuest b = host.start(host.spec(2), PACKED);
      assertFramesPass(a, b, 300, 500, WINDOW);
      b.frontend().close();
      TestHost.await(() -> host.status("g2").state() == GuestStatus.State.WAITING);
      b.reconnect(host.connect(2));
      TestHost.await(() -> host.status("g2").state() == GuestStatus.State.RUNNING);
      assertFramesPass(a, b, 300, 500, WINDOW);
    }
  }
}
