package dev.outboard.guest;

import org.HdrHistogram.Histogram;

/**
 * Load: guest a asks, guest b answers, several requests in flight, each round trip timed. Called by
 * any thread, which drives a itself.
 */
public final class Messages {
  private static final long PATIENCE_NANOS = 1_000_000_000;
  private static final int TURNS_PER_CLOCK = 64;
  private static final long HIGHEST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 3;

  private Messages() {}

  /**
   * Runs for a time, then waits for what is under way.
   *
   * @param request bytes of a request's frame
   * @param response bytes of a response's frame
   * @param segment payload bytes of a TCP segment, for super-frames
   * @param inFlight requests without an answer at most
   */
  public static LoadResult run(
      GuestPair pair,
      FrameTemplate.Kind kind,
      int request,
      int response,
      int segment,
      int inFlight,
      double seconds) {
    FrameTemplate question = pair.toB(kind, request, segment);
    FrameTemplate answer = pair.toA(kind, response, segment);
    Echo echo = new Echo(pair.b(), question, answer, inFlight);
    Asker asker = new Asker(pair.a(), question, answer, inFlight);
    boolean together = pair.driving() == GuestPair.Driving.TOGETHER;
    GuestPair.pin(pair.aCpu());
    LoadPeer side = together ? null : pair.startEcho(echo);
    double measured = asker.run(pair.idlerA(), side, together ? echo : null, seconds);
    if (side != null) {
      side.join();
    }
    return LoadResult.of("messages", measured, asker.sent, asker.check, echo, asker.rtt);
  }

  /** The asking guest's state. */
  private static final class Asker {
    final GuestDevice device;
    final FrameTemplate question;
    final FrameCheck check;
    final Histogram rtt = new Histogram(HIGHEST_NANOS, DIGITS);
    final long[] times;
    final int inFlight;
    long sent;
    long answered;

    Asker(GuestDevice device, FrameTemplate question, FrameTemplate answer, int inFlight) {
      this.device = device;
      this.question = question;
      this.inFlight = inFlight;
      check = new FrameCheck(answer);
      times = new long[Integer.highestOneBit(Math.max(1, 2 * inFlight - 1))];
    }

    double run(GuestPair.Idler idler, LoadPeer side, Echo echo, double seconds) {
      long begin = System.nanoTime();
      long end = begin + (long) (seconds * 1e9);
      long now = begin;
      long progress = begin;
      while (now < end || answered < sent) {
        for (int i = 0; i < TURNS_PER_CLOCK; i++) {
          boolean asked = now < end && ask();
          boolean echoed = echo != null && echo.step();
          boolean got = takeAnswers();
          if (got) {
            progress = now;
            idler.reset();
          } else if (!asked && !echoed) {
            boolean _ = idler.idle();
          }
        }
        now = System.nanoTime();
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
      return (now - begin) / 1e9;
    }

    private boolean ask() {
      int room = inFlight - (int) (sent - answered);
      if (room <= 0) {
        return false;
      }
      long start = System.nanoTime();
      int taken = device.send(question, sent, room);
      for (int i = 0; i < taken; i++) {
        times[(int) sent++ & (times.length - 1)] = start;
      }
      return taken > 0;
    }

    private boolean takeAnswers() {
      if (device.receive(check, inFlight) == 0) {
        return false;
      }
      long now = System.nanoTime();
      long position = check.position();
      while (answered < position) {
        rtt.recordValue(now - times[(int) answered++ & (times.length - 1)]);
      }
      return true;
    }
  }
}
