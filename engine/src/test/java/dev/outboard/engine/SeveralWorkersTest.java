package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Guests of two workers send to each other and to the same guest at the same time. */
class SeveralWorkersTest {
  private static final int FRAMES = 40_000;
  private static final int WINDOW = 64;

  /** So many frames in a row can't all wait in the sender's and the receiver's ring. */
  private static final int MORE_THAN_BOTH_RINGS = 5_000;

  private static TestHost twoWorkers() throws Exception {
    return new TestHost(new EngineSettings(2, List.of(), 50, 100, 64));
  }

  private static FrameTemplate frames(int from, int to) {
    return FrameTemplate.raw(TestHost.endpoint(from), TestHost.endpoint(to), 300).withContent();
  }

  @Test
  void framesBetweenWorkersArriveWholeAndInOrderBothWays() throws Exception {
    try (TestHost host = twoWorkers()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      assertEquals(1, host.status("g1").worker() + host.status("g2").worker());
      FrameTemplate there = frames(1, 2);
      FrameTemplate back = frames(2, 1);
      FrameCheck atB = new FrameCheck(there);
      FrameCheck atA = new FrameCheck(back);
      long sentA = 0;
      long sentB = 0;
      long deadline = System.nanoTime() + 20_000_000_000L;
      while ((atA.frames() < FRAMES || atB.frames() < FRAMES) && System.nanoTime() < deadline) {
        sentA += a.send(there, sentA, room(sentA, atB));
        sentB += b.send(back, sentB, room(sentB, atA));
        a.receive(atA, 64);
        b.receive(atB, 64);
      }
      for (FrameCheck check : List.of(atA, atB)) {
        assertEquals(FRAMES, check.frames());
        assertEquals(0, check.lost() + check.late() + check.corrupt());
      }
      assertEquals(Map.of(), host.drops(1));
      assertEquals(Map.of(), host.drops(2));
    }
  }

  private static int room(long sent, FrameCheck received) {
    return (int) Math.min(32, Math.min(FRAMES - sent, WINDOW - (sent - received.frames())));
  }

  @Test
  void twoWorkersThatDeliverToOneGuestLoseNothingUncounted() throws Exception {
    try (TestHost host = twoWorkers()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      VhostUserGuest target = host.start(3);
      assertEquals(1, host.status("g1").worker() + host.status("g2").worker());
      CompletableFuture<Void> one = CompletableFuture.runAsync(() -> sendAll(a, frames(1, 3)));
      CompletableFuture<Void> two = CompletableFuture.runAsync(() -> sendAll(b, frames(2, 3)));
      FrameCheck check = new FrameCheck(frames(1, 3));
      long received = 0;
      while (!one.isDone()
          || !two.isDone()
          || host.counters(1).sentFrames() + host.counters(2).sentFrames() < 2L * FRAMES) {
        received += target.receive(check, 64);
      }
      for (int got = target.receive(check, 64); got > 0; got = target.receive(check, 64)) {
        received += got;
      }
      long dropped =
          host.drops(1).values().stream().mapToLong(Long::longValue).sum()
              + host.drops(2).values().stream().mapToLong(Long::longValue).sum();
      assertEquals(2L * FRAMES, received + dropped, host.drops(1) + " " + host.drops(2));
      assertEquals(host.counters(3).receivedFrames(), received);
    }
  }

  private static void sendAll(VhostUserGuest guest, FrameTemplate template) {
    long sent = 0;
    while (sent < FRAMES) {
      int took = guest.send(template, sent, (int) Math.min(32, FRAMES - sent));
      sent += took;
      if (took == 0) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void whileADestinationStallsAndRecoversEachFrameThatIsMissingIsCountedByItsReason()
      throws Exception {
    try (TestHost host = twoWorkers()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      VhostUserGuest stalling = host.start(3);
      VhostUserGuest reading = host.start(4);
      FrameTemplate[] templates = {frames(1, 3), frames(2, 4)};
      FrameCheck atStalling = new FrameCheck(templates[0]);
      FrameCheck atReading = new FrameCheck(templates[1]);
      long sentA = 0;
      long sentB = 0;
      while (sentA < FRAMES || atReading.frames() < FRAMES) {
        sentA += a.send(templates[0], sentA, (int) Math.min(32, FRAMES - sentA));
        sentB += b.send(templates[1], sentB, room(sentB, atReading));
        int _ = reading.receive(atReading, 64);
        if (sentA / MORE_THAN_BOTH_RINGS % 2 == 1) {
          int _ = stalling.receive(atStalling, 64);
        }
      }
      TestHost.await(() -> host.counters(1).sentFrames() == FRAMES);
      int got;
      do {
        got = stalling.receive(atStalling, 64);
      } while (got > 0);
      atStalling.giveUp(FRAMES);
      Map<String, Long> drops = host.drops(1);
      long dropped = drops.values().stream().mapToLong(Long::longValue).sum();
      assertTrue(
          Set.of("destination-full", "destination-stalled").containsAll(drops.keySet()),
          drops.toString());
      assertTrue(dropped > 0, "it stalled");
      assertEquals(FRAMES, atStalling.frames() + dropped, drops.toString());
      assertEquals(dropped, atStalling.lost());
      assertEquals(0, atStalling.late() + atStalling.corrupt(), "order is kept");
      assertEquals(FRAMES, atReading.frames());
      assertEquals(0, atReading.lost() + atReading.late() + atReading.corrupt());
      assertEquals(Map.of(), host.drops(2));
    }
  }
}
