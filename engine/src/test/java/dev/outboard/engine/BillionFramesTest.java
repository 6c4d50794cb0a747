package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
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

  private static final Duration SHORT = Duration.ofSeconds(18);
  private static final Duration LONG = Duration.ofMinutes(44);

  /** How long frames may be under way at the end. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Rounds between two looks at the clock. */
  private static final int ROUNDS = 1_000;

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

  /** Or as many of them as a busy machine lets through in {@link #SHORT}. */
  @Test
  void eachOfTwentyMillionFramesArrivesInItsTurn() throws Exception {
    assertTrue(forward(FEW_FRAMES, SHORT) > 0);
  }

  @LongTier("billion")
  void eachOfABillionFramesArrivesInItsTurn() throws Exception {
    assertEquals(FRAMES, forward(FRAMES, LONG));
  }

  /** Sends so many frames, for so long at most, and returns how many: all of them arrived. */
  private static long forward(long frames, Duration most) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest one = host.start(1);
      VhostUserGuest two = host.start(2);
      Stream there = new Stream(one, 1, two, 2);
      Stream back = new Stream(two, 2, one, 1);
      long start = System.nanoTime();
      long wanted = frames / 2;
      while (there.check.frames() + back.check.frames() < 2 * wanted) {
        for (int i = 0; i < ROUNDS; i++) {
          there.go(wanted);
          back.go(wanted);
        }
        long elapsed = System.nanoTime() - start;
        if (elapsed > most.toNanos()) {
          wanted = Math.min(wanted, Math.max(there.sent, back.sent));
        }
        if (elapsed > most.plus(PATIENCE).toNanos()) {
          fail(describe(there, host, 1) + "; " + describe(back, host, 2));
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "billion: %,d frames in %.0f s, %.2f million a second%n",
          2 * wanted, seconds, 2 * wanted / seconds / 1e6);
      check(there, host, 1, 2);
      check(back, host, 2, 1);
      return there.check.frames() + back.check.frames();
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
