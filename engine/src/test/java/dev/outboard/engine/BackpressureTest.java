package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A destination without room delays a sender for a moment, then costs it frames, counted. */
class BackpressureTest {
  private static final int RING = 256;

  private static FrameTemplate frames(int from, int to) {
    return FrameTemplate.raw(TestHost.endpoint(from), TestHost.endpoint(to), 200).withContent();
  }

  private static long sendAll(VhostUserGuest guest, FrameTemplate template, int count)
      throws InterruptedException {
    long sent = 0;
    while (sent < count) {
      sent += guest.send(template, sent, (int) Math.min(64, count - sent));
    }
    return sent;
  }

  @Test
  void sentIsDeliveredPlusDroppedWhenTheReceiverStopsReading() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate template = frames(1, 2);
      sendAll(a, template, 5_000);
      TestHost.await(() -> host.counters(1).sentFrames() == 5_000);
      Map<String, Long> drops = host.drops(1);
      assertEquals(RING, host.counters(2).receivedFrames());
      long dropped = drops.values().stream().mapToLong(Long::longValue).sum();
      assertEquals(5_000, RING + dropped);
      assertEquals(1, drops.get("destination-full"));
      FrameCheck check = new FrameCheck(template);
      TestHost.receive(b, check, RING);
      assertEquals(RING, check.frames());
      assertEquals(0, check.lost(), "the first frames were kept, in order");
      assertEquals(0, check.corrupt());
    }
  }

  @Test
  void aStalledReceiverGetsFramesAgainAsSoonAsItReads() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate template = frames(1, 2);
      sendAll(a, template, 2_000);
      TestHost.await(() -> host.counters(1).sentFrames() == 2_000);
      TestHost.receive(b, new FrameCheck(template), RING);
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(a, b, template, check, 1_000, 64);
      assertEquals(1_000, check.frames());
      assertEquals(0, check.lost());
    }
  }

  @Test
  void aStalledReceiverDoesNotHoldUpOthers() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      host.start(2);
      VhostUserGuest c = host.start(3);
      FrameTemplate toStalled = frames(1, 2);
      FrameTemplate toReader = frames(1, 3);
      sendAll(a, toStalled, 1_000);
      TestHost.await(() -> host.counters(1).sentFrames() == 1_000);
      FrameCheck check = new FrameCheck(toReader);
      long sent = 0;
      while (check.frames() < 2_000) {
        if (sent - check.frames() < 64) {
          a.send(toStalled, 0, 1);
          sent += a.send(toReader, sent, 1);
        }
        c.receive(check, 64);
      }
      assertEquals(0, check.lost());
      assertEquals(0, check.late());
    }
  }

  @Test
  void noFrameIsLostWhileThoseUnderWayFitTheReceiversRing() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate template = frames(1, 2);
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(a, b, template, check, 50_000, RING);
      assertEquals(50_000, check.frames());
      assertEquals(0, check.lost());
      assertEquals(Map.of(), host.drops(1));
    }
  }
}
