package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.testing.LongTier;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Two guests send each other numbered frames of 64 bytes at the same time, as many under way as the
 * receiver's ring has buffers: the ring is full as often as it can be, its indexes wrap thousands
 * of times, and each frame arrives, once and in its turn.
 */
class BillionFramesTest {
  private static final long FRAMES = 1_000_000_000;
  private static final long FEW_FRAMES = FRAMES / 50;
  private static final int LENGTH = 64;
  private static final int BURST = 64;

  /** Rounds between two looks at the clock. */
  private static final int ROUNDS = 10_000;

  /** One way between the two; half of all frames take it. */
  private static final class Stream {
    private final VhostUserGuest from;
    private final VhostUserGuest to;
    private final FrameTemplate template;
    private final FrameCheck check;
    private final int window;
    private long sent;

    Stream(VhostUserGuest from, int fromNumber, VhostUserGuest to, int toNumber) {
      this.from = from;
      this.to = to;
      template =
          FrameTemplate.raw(TestHost.endpoint(fromNumber), TestHost.endpoint(toNumber), LENGTH);
      check = new FrameCheck(template);
      window = to.capacity(LENGTH);
    }

    /** Sends what there is room for, up to so many in all, and receives. */
    void go(long frames) {
      long room = Math.min(window - (sent - check.frames()), frames - sent);
      if (room > 0) {
        sent += from.send(template, sent, (int) Math.min(room, BURST));
      }
      int _ = to.receive(check, BURST);
    }
  }

  @Test
  void eachOfTwentyMillionFramesArrivesInItsTurn() throws Exception {
    forward(FEW_FRAMES, Duration.ofMinutes(2));
  }

  @LongTier("billion")
  void eachOfABillionFramesArrivesInItsTurn() throws Exception {
    forward(FRAMES, Duration.ofMinutes(45));
  }

  private static void forward(long frames, Duration most) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      Stream there = new Stream(one, 1, two, 2);
      Stream back = new Stream(two, 2, one, 1);
      long start = System.nanoTime();
      while (there.check.frames() + back.check.frames() < frames) {
        for (int i = 0; i < ROUNDS; i++) {
          there.go(frames / 2);
          back.go(frames / 2);
        }
        if (System.nanoTime() - start > most.toNanos()) {
          fail(describe(there, host, 1) + "; " + describe(back, host, 2));
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "billion: %,d frames in %.0f s, %.2f million a second%n",
          frames, seconds, frames / seconds / 1e6);
      check(there, host, 1, 2);
      check(back, host, 2, 1);
      assertEquals(frames, there.check.frames() + back.check.frames());
    }
  }

  private static void check(Stream stream, TestHost host, int from, int to) {
    FrameCheck check = stream.check;
    assertEquals(0, check.lost() + check.late() + check.corrupt() + check.foreign());
    assertEquals(stream.sent, check.frames());
    assertEquals(stream.sent, host.counters(from).sentFrames());
    assertEquals(stream.sent, host.counters(to).receivedFrames());
    assertEquals(Map.of(), host.drops(from));
  }

  private static String describe(Stream stream, TestHost host, int from) {
    return "%d sent, %d arrived, %d missing, %d late, drops %s"
        .formatted(
            stream.sent,
            stream.check.frames(),
            stream.check.lost(),
            stream.check.late(),
            host.drops(from));
  }
}
