package dev.outboard.guest;

/**
 * Load: guest a sends to guest b as fast as b takes it, never more than a window of frames under
 * way, so that no ring overflows and each lost frame is somebody's fault. Called by any thread,
 * which drives a itself.
 */
public final class Stream {
  private static final long PATIENCE_NANOS = 1_000_000_000;
  private static final long YIELD_NANOS = 20_000;
  private static final int TURNS_PER_CLOCK = 64;

  private Stream() {}

  /**
   * Runs for a time, then waits for what is under way.
   *
   * @param length bytes of a frame from the Ethernet header on
   * @param segment payload bytes of a TCP segment, for super-frames
   * @param window frames under way at most
   * @param burst frames in one call at most
   */
  public static LoadResult run(
      GuestPair pair,
      FrameTemplate.Kind kind,
      int length,
      int segment,
      int window,
      int burst,
      double seconds) {
    FrameTemplate template = pair.toB(kind, length, segment);
    FrameCheck check = new FrameCheck(template);
    GuestPair.pin(pair.aCpu());
    long nanos = (long) (seconds * 1e9);
    return pair.driving() == GuestPair.Driving.TOGETHER
        ? together(pair, template, check, window, burst, nanos)
        : apart(pair, template, check, window, burst, nanos);
  }

  private static LoadResult together(
      GuestPair pair, FrameTemplate template, FrameCheck check, int window, int burst, long nanos) {
    GuestDevice a = pair.a();
    GuestDevice b = pair.b();
    long begin = System.nanoTime();
    long now = begin;
    long progress = begin;
    long before = 0;
    long sent = 0;
    boolean draining = false;
    while (!draining || check.position() < sent) {
      for (int i = 0; i < TURNS_PER_CLOCK; i++) {
        long room = window - (sent - check.position());
        if (room > 0 && !draining) {
          sent += a.send(template, sent, (int) Math.min(room, burst));
        }
        if (b.receive(check, burst) == 0) {
          Thread.onSpinWait();
        }
      }
      now = System.nanoTime();
      draining |= now - begin >= nanos;
      if (check.position() != before || check.position() == sent) {
        before = check.position();
        progress = now;
      } else if (now - progress > PATIENCE_NANOS) {
        check.giveUp(sent);
      } else if (now - progress > YIELD_NANOS) {
        GuestPair.letOthersRun();
      }
    }
    return LoadResult.of("stream", (now - begin) / 1e9, sent, check);
  }

  private static LoadResult apart(
      GuestPair pair, FrameTemplate template, FrameCheck check, int window, int burst, long nanos) {
    LoadPeer side = pair.startReceiver(check, burst);
    GuestDevice a = pair.a();
    GuestPair.Idler idler = pair.idlerA();
    long begin = System.nanoTime();
    long now = begin;
    long progress = begin;
    long before = 0;
    long sent = 0;
    long position = 0;
    long end = begin + nanos;
    while (now < end || position < sent) {
      position = side.arrived();
      long room = window - (sent - position);
      int taken = room > 0 && now < end ? a.send(template, sent, (int) Math.min(room, burst)) : 0;
      sent += taken;
      if (taken == 0) {
        // The window opens in the other thread, of which this guest's device hears nothing.
        if (room <= 0 || now >= end) {
          idler.idleForPeer();
        } else {
          boolean _ = idler.idle();
        }
      } else {
        idler.reset();
      }
      now = System.nanoTime();
      if (position != before || position == sent) {
        before = position;
        progress = now;
      } else if (now - progress > PATIENCE_NANOS || side.hasFailed()) {
        break;
      }
    }
    side.join();
    check.giveUp(sent);
    return LoadResult.of("stream", (now - begin) / 1e9, sent, check);
  }

  /** Receives until it shall stop, and tells the meter how far it is. */
  static void receive(
      StopSign stop,
      GuestDevice b,
      GuestPair.Idler idler,
      FrameCheck check,
      int burst,
      Meter meter) {
    while (!stop.isStopped()) {
      if (b.receive(check, burst) == 0) {
        boolean _ = idler.idle();
      } else {
        idler.reset();
        meter.arrived(check.position());
      }
    }
  }
}
