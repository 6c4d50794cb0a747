package dev.outboard.guest;

import org.HdrHistogram.Histogram;

/**
 * Load: guest a asks at a fixed rate, guest b answers, each round trip timed from the moment its
 * request was due. So a way of the frames that can't keep up shows it in its times, and cannot have
 * the next question wait until it is ready. Called by any thread, which drives a itself.
 */
public final class Paced {
  private static final long PATIENCE_NANOS = 1_000_000_000;
  private static final long HIGHEST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 3;
  private static final double NANOS = 1e9;

  private final GuestDevice device;
  private final FrameTemplate question;
  private final FrameCheck check;
  private final double interval;
  private final int window;
  private final Histogram rtt = new Histogram(HIGHEST_NANOS, DIGITS);
  private long begin;
  private long sent;
  private long answered;

  private Paced(
      GuestDevice device, FrameTemplate question, FrameTemplate answer, double rate, int window) {
    this.device = device;
    this.question = question;
    check = new FrameCheck(answer);
    interval = NANOS / rate;
    this.window = window;
  }

  /**
   * Runs for a time, then waits for the answers that are under way.
   *
   * @param length bytes of a frame from the Ethernet header on, there and back
   * @param rate requests a second
   * @param window requests without an answer at most; those that are due meanwhile are sent late
   */
  public static LoadResult run(
      GuestPair pair,
      FrameTemplate.Kind kind,
      int length,
      double rate,
      int window,
      double seconds) {
    if (!(rate >= 1 && rate <= NANOS)) {
      throw new IllegalArgumentException("'rate' must be between 1 and 10^9 a second");
    }
    FrameTemplate question = pair.toB(kind, length, length);
    FrameTemplate answer = pair.toA(kind, length, length);
    Echo echo = new Echo(pair.b(), question, answer, window);
    Paced asker = new Paced(pair.a(), question, answer, rate, window);
    boolean together = pair.driving() == GuestPair.Driving.TOGETHER;
    GuestPair.pin(pair.aCpu());
    LoadPeer side = together ? null : pair.startEcho(echo);
    double measured = asker.run(pair.idlerA(), side, together ? echo : null, seconds);
    if (side != null) {
      side.join();
    }
    return LoadResult.of("paced", measured, asker.sent, asker.check, echo, asker.rtt);
  }

  private double run(GuestPair.Idler idler, LoadPeer side, Echo echo, double seconds) {
    begin = System.nanoTime();
    long due = (long) (seconds * NANOS / interval);
    long now = begin;
    long progress = begin;
    while (sent < due || answered < sent) {
      boolean asked = ask(Math.min(due, (long) ((now - begin) / interval)));
      boolean echoed = echo != null && echo.step();
      boolean got = device.receive(check, window) > 0;
      now = System.nanoTime();
      if (got) {
        take(now);
        progress = now;
        idler.reset();
      } else if (!asked && !echoed) {
        boolean _ = idler.idle();
      }
      if (answered == sent) {
        progress = now;
      } else if (now - progress > PATIENCE_NANOS) {
        check.giveUp(sent);
        answered = sent;
        progress = now;
      }
      if (side != null && side.hasFailed()) {
        break;
      }
    }
    return (now - begin) / NANOS;
  }

  private boolean ask(long due) {
    int room = (int) Math.min(due - sent, window - (sent - answered));
    if (room <= 0) {
      return false;
    }
    int taken = device.send(question, sent, room);
    sent += taken;
    return taken > 0;
  }

  private void take(long now) {
    long position = check.position();
    while (answered < position) {
      long dueAt = begin + (long) (answered++ * interval);
      rtt.recordValue(Math.clamp(now - dueAt, 0, HIGHEST_NANOS));
    }
  }
}
