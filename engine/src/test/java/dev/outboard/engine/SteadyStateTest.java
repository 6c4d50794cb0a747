package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.observation.TestSegment;
import dev.outboard.guest.ChainShape;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.testing.Allocation;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Once it is warm, a worker thread allocates nothing, whatever frames do to it. A garbage collector
 * that has nothing to do on the way of a frame is what lets this be Java at all.
 */
class SteadyStateTest {
  private static final int FRAMES = 1_000_000;
  private static final int SUPER_FRAMES = 50_000;
  private static final int SUPER_LENGTH = 60_000;
  private static final int CUT_FRAMES = 10_000;
  private static final int WINDOW = 128;
  private static final int OBSERVED_ROUNDS = 10_000;
  private static final int ARPS_AT_ONCE = 64;
  private static final int PAUSES = 10_000;

  @ParameterizedTest
  @ValueSource(ints = {64, 1518})
  void localForwardingAllocatesNothing(int length) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate template =
          FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), length);
      FrameCheck check = new FrameCheck(template);
      assertNone(host, () -> forward(a, b, template, check, FRAMES));
    }
  }

  @Test
  void packedRingsAllocateNothing() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(host.spec(1), GuestOptions.PACKED);
      ChainShape shape = new ChainShape(ChainShape.Kind.INDIRECT, 512);
      VhostUserGuest b =
          host.start(host.spec(2), GuestOptions.PACKED.withTx(shape, 2048).withQueueSize(200));
      FrameTemplate there = FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 600);
      FrameTemplate back = FrameTemplate.raw(TestHost.endpoint(2), TestHost.endpoint(1), 600);
      FrameCheck checkThere = new FrameCheck(there);
      FrameCheck checkBack = new FrameCheck(back);
      assertNone(
          host,
          () -> {
            forward(a, b, there, checkThere, FRAMES / 2);
            forward(b, a, back, checkBack, FRAMES / 2);
          });
    }
  }

  @Test
  void superFramesAllocateNothing() throws Exception {
    try (TestHost host = new TestHost()) {
      GuestOptions options =
          GuestOptions.DEFAULT
              .withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER)
              .withTxSlots(16)
              .withQueueSize(1024);
      VhostUserGuest a = host.start(host.spec(1), options);
      VhostUserGuest b = host.start(host.spec(2), options);
      FrameTemplate template =
          FrameTemplate.tcp(TestHost.endpoint(1), TestHost.endpoint(2), SUPER_LENGTH, 1448);
      FrameCheck check = new FrameCheck(template);
      assertNone(host, () -> forward(a, b, template, check, SUPER_FRAMES));
    }
  }

  /** Checksums and segmentation for a receiver that takes neither. */
  @Test
  void cuttingSuperFramesAllocatesNothing() throws Exception {
    try (TestHost host = new TestHost(new EngineSettings(1, List.of(), 50, 1_000_000, 16))) {
      GuestOptions sender =
          GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER).withTxSlots(16);
      VhostUserGuest a = host.start(host.spec(1), sender);
      VhostUserGuest b =
          host.start(
              host.spec(2),
              GuestOptions.DEFAULT.withFeatures(VirtioNet.VERSION_1).withQueueSize(1024));
      FrameTemplate superFrame =
          FrameTemplate.tcp(TestHost.endpoint(1), TestHost.endpoint(2), SUPER_LENGTH, 1460);
      FrameTemplate unfilled =
          FrameTemplate.tcp(TestHost.endpoint(1), TestHost.endpoint(2), 1500, 1460);
      for (FrameTemplate template : List.of(superFrame, unfilled)) {
        FrameCheck check = new FrameCheck(template);
        assertNone(host, () -> forwardStream(a, b, template, check, CUT_FRAMES));
      }
      assertTrue(host.counters(1).segments() > CUT_FRAMES);
    }
  }

  /** As {@link #forward} for frames that arrive in several. */
  private static void forwardStream(
      VhostUserGuest from, VhostUserGuest to, FrameTemplate template, FrameCheck check, int count) {
    long start = check.position();
    long sent = start;
    while (check.position() < start + count) {
      if (sent < start + count && sent - check.position() < 8) {
        sent += from.send(template, sent, 1);
      }
      int _ = to.receive(check, 64);
    }
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }

  /** Round trips are timed meanwhile: each tenth segment is acknowledged. */
  @Test
  void observingTcpAllocatesNothing() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      host.engine.observe("g1");
      host.engine.observe("g2");
      FrameTemplate template =
          FrameTemplate.tcp(TestHost.endpoint(1), TestHost.endpoint(2), 200, 1460);
      FrameCheck check = new FrameCheck(template);
      assertNone(host, () -> converse(a, b, template, check, OBSERVED_ROUNDS));
      Observation seen = host.engine.observations().getFirst();
      assertEquals(0, seen.retransmissions());
      long timed = seen.roundTrips().stream().mapToLong(Observation.Bucket::count).sum();
      assertTrue(timed >= OBSERVED_ROUNDS - 1, timed + " round trips");
    }
  }

  private static void converse(
      VhostUserGuest a, VhostUserGuest b, FrameTemplate template, FrameCheck check, int rounds) {
    for (int round = 0; round < rounds; round++) {
      forward(a, b, template, check, 10);
      int next = (int) (check.position() * template.payloadLength());
      TestSegment acknowledgment =
          new TestSegment(TestHost.endpoint(2), TestHost.endpoint(1), TestSegment.ACK, 1, next, 0);
      assertTrue(b.sendFrame(acknowledgment.frame()));
      assertNotNull(a.receiveBytes(1_000_000_000));
    }
  }

  private static void assertNone(TestHost host, Allocation.Load load) throws Exception {
    Allocation.assertNone(
        host.engine.workers().stream().map(Engine.WorkerStatus::thread).collect(Collectors.toSet()),
        load);
  }

  /** All that are sent arrive, with so few under way that nothing is ever dropped. */
  private static void forward(
      VhostUserGuest from, VhostUserGuest to, FrameTemplate template, FrameCheck check, int count) {
    long start = check.frames();
    int window = Math.min(WINDOW, to.capacity(template.length()));
    long sent = start;
    while (check.frames() < start + count) {
      int room = (int) Math.min(window - (sent - check.frames()), start + count - sent);
      if (room > 0) {
        sent += from.send(template, sent, Math.min(room, 64));
      }
      int _ = to.receive(check, 64);
    }
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }

  @Test
  void answersToArpAllocateNothing() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      host.start(2);
      byte[] request =
          Frames.arpRequest(
              TestHost.endpoint(1).mac(),
              TestHost.endpoint(1).address().getAddress(),
              TestHost.endpoint(2).address().getAddress());
      assertNone(
          host,
          () -> {
            for (int asked = 0; asked < FRAMES; asked += ARPS_AT_ONCE) {
              for (int i = 0; i < ARPS_AT_ONCE; i++) {
                assertTrue(a.sendFrame(request));
              }
              for (int i = 0; i < ARPS_AT_ONCE; i++) {
                byte[] reply = a.receiveBytes(1_000_000_000);
                assertEquals(Frames.ETHERNET_HEADER + 28 + 12, reply.length);
              }
            }
          });
      assertEquals(0, host.counters(1).floodedFrames());
    }
  }

  @Test
  void droppedFramesAllocateNothing() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      host.start(2);
      FrameTemplate spoofed = FrameTemplate.raw(TestHost.endpoint(9), TestHost.endpoint(2), 64);
      assertNone(
          host,
          () -> {
            long before = host.counters(1).sentFrames();
            for (long sent = 0; sent < FRAMES; ) {
              sent += a.send(spoofed, sent, (int) Math.min(64, FRAMES - sent));
            }
            TestHost.await(() -> host.counters(1).sentFrames() == before + FRAMES);
          });
      assertEquals(host.drops(1).get("source-mac"), host.counters(1).sentFrames());
    }
  }

  /** A frame now and then: the worker arms the kick, sleeps, is woken and rings back each time. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sleepingAndWakingAllocateNothing(boolean packed) throws Exception {
    GuestOptions options = packed ? GuestOptions.PACKED : GuestOptions.DEFAULT;
    try (TestHost host = new TestHost(new EngineSettings(1, List.of(), 0, 100, 16))) {
      VhostUserGuest a = host.start(host.spec(1), options);
      VhostUserGuest b = host.start(host.spec(2), options);
      FrameTemplate template = FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 64);
      FrameCheck check = new FrameCheck(template);
      long sleeps = host.engine.workers().getFirst().sleeps();
      assertNone(
          host,
          () -> {
            for (int i = 0; i < PAUSES; i++) {
              int _ = a.send(template, check.frames(), 1);
              TestHost.receive(b, check, check.frames() + 1);
              LockSupport.parkNanos(20_000);
            }
          });
      assertTrue(host.engine.workers().getFirst().sleeps() - sleeps > PAUSES / 2);
    }
  }
}
