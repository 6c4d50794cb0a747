package dev.outboard.bench.rest;

import dev.outboard.bench.Guests;
import dev.outboard.bench.LaunchedSidecar;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/**
 * Frames at a steady pace from one guest to another, and calls of the API at another. One thread,
 * which has a processor to itself.
 *
 * <p>Theory of operation. A frame's time counts from when it was due, so one that could not be sent
 * because others were stuck counts its waiting, too. The calls are made by the same thread, between
 * frames and while none is under way; what it spends on that is taken out of the frames' clock, for
 * it is not the sidecar's time.
 */
final class RestLoad {
  private static final int FRAME = 64;
  private static final int WINDOW = 200;
  private static final int BURST = 32;
  private static final long FRAME_NANOS = 20_000;
  private static final long LOOK_NANOS = 500_000;
  private static final long PATIENCE_NANOS = 5_000_000_000L;
  private static final long HIGHEST_NANOS = 10_000_000_000L;
  private static final int DIGITS = 3;

  private final VhostUserGuest from;
  private final VhostUserGuest to;
  private final RestClient client;
  private final FrameTemplate frame =
      FrameTemplate.raw(Guests.endpoint(0), Guests.endpoint(1), FRAME);
  private final FrameCheck check = new FrameCheck(frame);
  private long sent;

  /** What one turn has come to, in nanoseconds. */
  record Result(long calls, long p50, long p99, long p999, long most) {}

  RestLoad(LaunchedSidecar sidecar, RestClient client) {
    from = sidecar.from();
    to = sidecar.to();
    this.client = client;
  }

  /**
   * Runs for some time.
   *
   * @param callsPerSecond none: 0
   */
  Result run(double seconds, int callsPerSecond) throws IOException {
    Histogram times = new Histogram(HIGHEST_NANOS, DIGITS);
    long total = (long) (seconds * 1e9 / FRAME_NANOS);
    long callEach = callsPerSecond == 0 ? Long.MAX_VALUE : 1_000_000_000L / callsPerSecond;
    long answeredBefore = client.answered();
    long firstFrame = sent;
    long arrived = 0;
    long start = System.nanoTime();
    long nextCall = callEach;
    long nextLook = 0;
    long now = 0;
    while (arrived < total) {
      long due = Math.min(total, now / FRAME_NANOS + 1) - (sent - firstFrame);
      long room = WINDOW - (sent - check.position());
      int count = (int) Math.min(Math.min(due, room), BURST);
      if (count > 0) {
        sent += from.send(frame, sent, count);
      }
      int _ = to.receive(check, BURST);
      now = System.nanoTime() - start;
      for (; firstFrame + arrived < check.position(); arrived++) {
        times.recordValue(Math.max(1, now - arrived * FRAME_NANOS));
      }
      boolean quiet = sent == check.position();
      boolean call = now >= nextCall && !client.isWaiting();
      if (quiet && (call || (client.isWaiting() && now >= nextLook))) {
        if (call) {
          client.call();
          nextCall += callEach;
        } else {
          client.look();
        }
        nextLook = now + LOOK_NANOS;
        start = System.nanoTime() - now;
      }
      if (now > seconds * 1e9 + PATIENCE_NANOS) {
        throw new IOException("frames do not arrive");
      }
    }
    finish();
    return new Result(
        client.answered() - answeredBefore,
        times.getValueAtPercentile(50),
        times.getValueAtPercentile(99),
        times.getValueAtPercentile(99.9),
        times.getMaxValue());
  }

  /** The last call's answer is not the next turn's. */
  private void finish() throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (client.isWaiting()) {
      client.look();
      if (System.nanoTime() > deadline) {
        throw new IOException("the API does not answer");
      }
    }
  }
}
