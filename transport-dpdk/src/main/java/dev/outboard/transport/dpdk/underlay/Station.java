package dev.outboard.transport.dpdk.underlay;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A host on the link, and its MAC address as far as it is known. Made by the control thread; hot,
 * any worker.
 *
 * <p>Theory of operation. All times are {@link System#nanoTime}. A MAC address that was confirmed
 * is good for {@link #VALID}; whoever uses it later still sends there, but has a request made due.
 * One that no request confirms any more is forgotten. {@link #nextRequest} is the one thing that
 * workers compete for: who moves it on by compare-and-set sends the request. All else may be a
 * moment late, in which case one request too many is sent.
 */
final class Station {
  /** How long a MAC address is good without being confirmed. */
  static final long VALID = 30_000_000_000L;

  /** No request is due, at any time. */
  static final long NEVER = Long.MAX_VALUE;

  /** Time between requests: the first, which doubles each time, and the most. */
  private static final long FIRST_PAUSE = 50_000_000L;

  private static final long LONGEST_PAUSE = 1_000_000_000L;

  /** Requests to the known MAC address, before all are asked. */
  private static final int UNICAST_TRIES = 3;

  /** Requests without an answer, after which a known MAC address is forgotten. */
  private static final int MOST_TRIES = 6;

  /** Requests without an answer, after which only a frame to be sent brings the next one. */
  private static final int TRIES_WITHOUT_FRAMES = 60;

  private static final long UNKNOWN = 0;

  private static final VarHandle NEXT_REQUEST;

  static {
    try {
      NEXT_REQUEST = MethodHandles.lookup().findVarHandle(Station.class, "nextRequest", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final long high;
  final long low;

  /** How many peers are reached by it. The control thread's. */
  int users;

  private volatile long mac;
  private volatile long validUntil;
  private volatile long nextRequest;
  private volatile int tries;

  Station(long high, long low, long now) {
    this.high = high;
    this.low = low;
    validUntil = now;
    nextRequest = now;
  }

  /** The MAC address, or 0 if it is not known. */
  long mac() {
    return mac;
  }

  /** Whether a use of it now should bring a request about. */
  boolean isStale(long now) {
    return now - validUntil >= 0;
  }

  /** When the next request is due, or NEVER. */
  long nextRequest() {
    return nextRequest;
  }

  /**
   * A frame is to be sent there. NEVER stands there after an answer, or a pause after the last
   * request: so frames bring one request about at a time.
   *
   * @return whether one has become due
   */
  boolean want(long now) {
    if (nextRequest != NEVER) {
      return false;
    }
    return NEXT_REQUEST.compareAndSet(this, NEVER, now);
  }

  /** Whether a request is due, and it is for the caller to send it. */
  boolean claim(long now) {
    long due = nextRequest;
    if (due == NEVER || now - due < 0) {
      return false;
    }
    int before = tries;
    if (before >= TRIES_WITHOUT_FRAMES) {
      if (NEXT_REQUEST.compareAndSet(this, due, NEVER)) {
        tries = TRIES_WITHOUT_FRAMES - 1;
      }
      return false;
    }
    long pause = Math.min(FIRST_PAUSE << Math.min(before, 10), LONGEST_PAUSE);
    if (!NEXT_REQUEST.compareAndSet(this, due, now + pause)) {
      return false;
    }
    tries = before + 1;
    if (before == MOST_TRIES) {
      mac = UNKNOWN;
    }
    return true;
  }

  /** Whether the claimed request goes to the known MAC address alone. */
  boolean asksDirectly() {
    return mac() != UNKNOWN && tries <= UNICAST_TRIES;
  }

  /** It has said its MAC address. */
  void learn(long itsMac, long now) {
    mac = itsMac;
    validUntil = now + VALID;
    tries = 0;
    nextRequest = NEVER;
  }
}
