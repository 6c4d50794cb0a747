package dev.outboard.bench;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/**
 * What the active guests of an arm do, while all others are silent. Guests 0 and 1 are a pair that
 * can keep the worker busy; the active ones come after them. One thread drives them all. Each
 * receiver sleeps, as far as the sidecar can tell: it wants to be called for its next frame.
 */
final class NotifierLoad {
  /** The guests that keep a worker busy. */
  static final int PAIR = 2;

  private static final int FRAME = 64;
  private static final int WINDOW = 16;
  private static final int BURST = 8;
  private static final long SLEEPY_PAUSE_NANOS = 150_000;
  private static final long BUSY_PAUSE_NANOS = 100_000;
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private final SidecarGuests arm;
  private final int active;
  private final Random random;
  private final Flow stream;

  /** From each active guest to the next one. */
  private final Flow[] circle;

  /** From the first active guest to each of the others. */
  private final Flow[] star;

  private long[] latencies = new long[1024];
  private long[] kicks = new long[1024];
  private int count;
  private long frames;

  /**
   * What one turn has come to.
   *
   * @param frames delivered
   * @param p50Nanos from kick to arrival, the median; with a fan-out, to the last arrival
   * @param p99Nanos what all but a hundredth do not exceed
   * @param kickNanos what a kick cost the guest, the median
   */
  record Result(
      double seconds,
      long frames,
      long cpuNanos,
      long calls,
      long callSystemCalls,
      long p50Nanos,
      long p99Nanos,
      long kickNanos) {
    private static final int FIELDS = 8;

    /** As one line, for the process that asked. */
    String line() {
      return "%s %d %d %d %d %d %d %d"
          .formatted(
              seconds, frames, cpuNanos, calls, callSystemCalls, p50Nanos, p99Nanos, kickNanos);
    }

    static Result of(String line) throws IOException {
      String[] words = line.split(" ", -1);
      if (words.length != FIELDS) {
        throw new IOException("the guests answered: " + line);
      }
      long[] all = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
      return new Result(
          Double.parseDouble(words[0]), all[0], all[1], all[2], all[3], all[4], all[5], all[6]);
    }
  }

  private static final class Flow {
    private final VhostUserGuest from;
    private final VhostUserGuest to;
    private final FrameTemplate template;
    private final FrameCheck check;
    private final RawRing ring;
    private long sent;

    Flow(SidecarGuests arm, int from, int to) {
      this.from = arm.guest(from);
      this.to = arm.guest(to);
      template = FrameTemplate.raw(Guests.endpoint(from), Guests.endpoint(to), FRAME);
      check = new FrameCheck(template);
      ring = RawRing.of(this.to.driver().ring(VirtioNetDriver.RX));
    }

    void armCall() {
      ring.usedEvent(ring.usedIndex());
    }

    void send() throws IOException {
      if (from.send(template, sent, 1) != 1) {
        throw new IOException("an active guest has no room for a frame");
      }
      sent++;
    }

    boolean hasArrived() {
      return check.frames() == sent || (to.receive(check, 1) > 0 && check.frames() == sent);
    }
  }

  NotifierLoad(SidecarGuests arm, int active) {
    this.arm = arm;
    this.active = active;
    random = new Random(1);
    stream = new Flow(arm, 0, 1);
    circle = new Flow[active];
    for (int i = 0; i < active; i++) {
      circle[i] = new Flow(arm, PAIR + i, PAIR + (i + 1) % active);
    }
    star = new Flow[active - 1];
    for (int i = 0; i < star.length; i++) {
      star[i] = new Flow(arm, PAIR, PAIR + 1 + i);
    }
  }

  /** The kinds of load. */
  enum Kind {
    /** One frame at a time, and in between the worker falls asleep. */
    SLEEPY("the worker sleeps between frames"),
    /** The worker is kept busy by two guests while others kick now and then. */
    BUSY("the worker is busy while others kick"),
    /** A frame for each active guest at once. */
    FAN_OUT("one guest wakes all active ones");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  Result run(Kind kind, double seconds) throws IOException {
    count = 0;
    frames = 0;
    SidecarGuests.Figures before = arm.figures();
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    switch (kind) {
      case SLEEPY -> sleepy(end);
      case BUSY -> busy(end);
      case FAN_OUT -> fanOut(end);
    }
    double took = (System.nanoTime() - start) / 1e9;
    SidecarGuests.Figures after = arm.figures();
    return new Result(
        took,
        frames,
        after.cpuNanos() - before.cpuNanos(),
        after.calls() - before.calls(),
        after.callSystemCalls() - before.callSystemCalls(),
        quantile(latencies, 0.5),
        quantile(latencies, 0.99),
        quantile(kicks, 0.5));
  }

  private long quantile(long[] samples, double share) {
    return count == 0 ? 0 : Quantiles.at(Arrays.copyOf(samples, count), share);
  }

  private void sleepy(long end) throws IOException {
    while (System.nanoTime() < end) {
      Flow flow = circle[random.nextInt(active)];
      flow.armCall();
      long start = System.nanoTime();
      flow.send();
      long kicked = System.nanoTime();
      while (!flow.hasArrived()) {
        checkPatience(start);
      }
      note(System.nanoTime() - start, kicked - start);
      frames++;
      pause(SLEEPY_PAUSE_NANOS + random.nextInt((int) SLEEPY_PAUSE_NANOS));
    }
  }

  private void busy(long end) throws IOException {
    Flow waiting = null;
    long start = 0;
    long next = System.nanoTime();
    long now = next;
    long streamed = stream.check.frames();
    while (now < end || waiting != null || stream.check.frames() < stream.sent) {
      if (now < end) {
        long room = WINDOW - (stream.sent - stream.check.frames());
        int burst = (int) Math.min(BURST, room);
        stream.sent += burst > 0 ? stream.from.send(stream.template, stream.sent, burst) : 0;
      }
      int _ = stream.to.receive(stream.check, BURST);
      now = System.nanoTime();
      if (waiting != null) {
        if (waiting.hasArrived()) {
          latencies[count++] = now - start;
          waiting = null;
          frames++;
        }
        checkPatience(start);
      } else if (now >= next && now < end) {
        // At an equal rate for all, whoever is faster: or it would do more besides its stream.
        next =
            Math.max(next, now - BUSY_PAUSE_NANOS) + random.nextInt((int) (2 * BUSY_PAUSE_NANOS));
        waiting = circle[random.nextInt(active)];
        waiting.armCall();
        start = System.nanoTime();
        waiting.send();
        makeRoom();
        kicks[count] = System.nanoTime() - start;
      } else {
        start = now;
      }
    }
    frames += stream.check.frames() - streamed;
  }

  private void fanOut(long end) throws IOException {
    while (System.nanoTime() < end) {
      for (Flow flow : star) {
        flow.armCall();
      }
      long start = System.nanoTime();
      for (Flow flow : star) {
        flow.send();
      }
      long sent = System.nanoTime();
      for (Flow flow : star) {
        while (!flow.hasArrived()) {
          checkPatience(start);
        }
      }
      note(System.nanoTime() - start, sent - start);
      frames += star.length;
      pause(SLEEPY_PAUSE_NANOS + random.nextInt((int) SLEEPY_PAUSE_NANOS));
    }
  }

  private void note(long latency, long kick) {
    makeRoom();
    latencies[count] = latency;
    kicks[count++] = kick;
  }

  private void makeRoom() {
    if (count == latencies.length) {
      latencies = Arrays.copyOf(latencies, 2 * count);
      kicks = Arrays.copyOf(kicks, 2 * count);
    }
  }

  private static void checkPatience(long start) throws IOException {
    if (System.nanoTime() - start > PATIENCE_NANOS) {
      throw new IOException("a frame did not arrive");
    }
  }

  private static void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
