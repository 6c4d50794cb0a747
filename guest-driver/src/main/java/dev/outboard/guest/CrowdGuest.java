package dev.outboard.guest;

import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * One guest of a {@link Crowd} in a conversation, on a thread of its own that sleeps while it has
 * nothing to do, as a microVM's does. What it has counted is read when that has ended.
 */
final class CrowdGuest {
  private static final long PATIENCE_NANOS = 2_000_000_000;
  private static final long SLEEP_NANOS = 20_000_000;
  private static final long HIGHEST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 2;

  private final Mouth mouth;
  private final Conversation conversation;
  final Histogram rtt = new Histogram(HIGHEST_NANOS, DIGITS);
  long asked;
  long answered;
  long given;
  long begun;
  long ended;

  CrowdGuest(Mouth mouth, Conversation conversation) {
    this.mouth = mouth;
    this.conversation = conversation;
  }

  Mouth mouth() {
    return mouth;
  }

  /** Asks until the time is over and all is answered, or given up after a while. */
  void ask(double wanted) {
    long begin = System.nanoTime();
    begun = begin;
    long end = begin + (long) (wanted * 1e9);
    long now = begin;
    long progress = begin;
    long start = begin;
    while (now < end || answered < asked) {
      int room = now < end ? (int) (conversation.window() - (asked - answered)) : 0;
      int taken = room > 0 ? mouth.send(asked, room) : 0;
      asked += taken;
      start = taken > 0 ? now : start;
      boolean got = mouth.receive();
      long position = mouth.position();
      if (position <= answered && taken == 0 && !got) {
        mouth.await(SLEEP_NANOS);
      }
      now = System.nanoTime();
      if (position > answered) {
        if (conversation.window() == 1) {
          rtt.recordValue(now - start);
        }
        answered = Math.min(asked, position);
        progress = now;
      } else if (answered == asked) {
        progress = now;
      } else if (now - progress > PATIENCE_NANOS) {
        given += asked - answered;
        answered = asked;
        mouth.expect(asked);
        progress = now;
      }
    }
    ended = now;
  }

  /**
   * Answers until told to stop. An answer has the number of the newest question, so it stands for
   * all before it.
   */
  void answer(BooleanSupplier stop) {
    while (!stop.getAsBoolean()) {
      boolean got = mouth.receive();
      long due = mouth.position() - answered;
      if (due >= conversation.every() || (due > 0 && !got)) {
        if (mouth.send(mouth.position() - 1, 1) > 0) {
          answered = mouth.position();
        }
      } else if (!got) {
        mouth.await(SLEEP_NANOS);
      }
    }
  }
}
