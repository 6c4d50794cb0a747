package dev.outboard.integration.compare;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.outboard.guest.Cores;
import java.util.Locale;

/**
 * How fast a cache line travels between the two processors. On shared machines that changes within
 * seconds and every figure of two threads with it, so figures are compared within one state only.
 */
public enum CoreState {
  /** Below 75 ns there and back: the threads share a cache. */
  FAST(75),
  /** Below 250 ns. */
  MEDIUM(250),
  /** All above. */
  SLOW(Double.POSITIVE_INFINITY),
  /** The state changed while something was measured. */
  MIXED(Double.NaN);

  private static final double SECONDS = 0.004;

  private final double below;

  CoreState(double below) {
    this.below = below;
  }

  /** The name users see. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The state that such a figure stands for. */
  public static CoreState of(double nanos) {
    return nanos < FAST.below ? FAST : nanos < MEDIUM.below ? MEDIUM : SLOW;
  }

  /** The state of something that ran between two measurements. */
  public static CoreState between(double before, double after) {
    return of(before) == of(after) ? of(before) : MIXED;
  }

  /** Plays ping-pong for some milliseconds; nanoseconds there and back. */
  public static double measure(Cpus cpus) throws InterruptedException {
    double[] result = new double[1];
    // A thread of its own, because it stays pinned.
    Thread thread =
        Thread.ofPlatform()
            .name("cores")
            .start(() -> result[0] = Cores.roundTripNanos(cpus.first(), cpus.second(), SECONDS));
    thread.join();
    return result[0];
  }
}
