package dev.outboard.engine;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;

/**
 * Two guests that mind their own business beside an attack: one sends numbered frames to the other
 * without a break, as fast as they arrive. The longest time without an arrival while frames are
 * under way is the stall. Started by the test's thread; the traffic has a thread of its own.
 */
final class Bystanders implements AutoCloseable {
  private static final int WINDOW = 32;
  private static final int BATCH = 8;
  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static final long PAUSE_NANOS = 50_000;

  private final TestHost host;
  private final int first;
  private final VhostUserGuest from;
  private final VhostUserGuest to;
  private final FrameTemplate template;
  private final FrameCheck check;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile long sent;
  private volatile long arrived;
  private volatile long longestStall;
  private volatile Throwable failure;

  /** Takes two numbers of guests. */
  Bystanders(TestHost host, int first, int second) throws Exception {
    this(host, first, second, "acme");
  }

  /** Guests of another tenant do not hear the attacker's broadcasts. */
  Bystanders(TestHost host, int first, int second, String tenant) throws Exception {
    this.host = host;
    this.first = first;
    from = host.start(host.spec(first, tenant), GuestOptions.DEFAULT);
    to = host.start(host.spec(second, tenant), GuestOptions.DEFAULT);
    template =
        FrameTemplate.raw(TestHost.endpoint(first), TestHost.endpoint(second), 200).withContent();
    check = new FrameCheck(template);
    thread = Thread.ofPlatform().name("bystanders").unstarted(this::run);
    thread.start();
  }

  private void run() {
    try {
      long next = 0;
      long lastArrival = System.nanoTime();
      while (!stopping || check.frames() < next) {
        if (!stopping && next - check.frames() <= WINDOW - BATCH) {
          if (next == check.frames()) {
            lastArrival = System.nanoTime();
          }
          next += from.send(template, next, BATCH);
          sent = next;
        }
        boolean came = to.receive(check, WINDOW) > 0;
        long now = System.nanoTime();
        longestStall = Math.max(longestStall, now - lastArrival);
        if (came) {
          lastArrival = now;
          arrived = check.frames();
        } else if (now - lastArrival > PATIENCE_NANOS) {
          throw new AssertionError(
              "frames under way did not arrive in 10 s: %d sent, %d arrived, %d lost; %s"
                  .formatted(next, check.frames(), check.lost(), host.counters(first)));
        }
        to.await(came ? PAUSE_NANOS : 1_000_000);
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  /** Forgets what was measured. */
  void reset() {
    longestStall = 0;
  }

  /** The longest time that frames under way did not arrive, since {@link #reset}. */
  long longestStall() {
    return longestStall;
  }

  /** Waits until frames sent from now on have arrived: the engine forwards. */
  void awaitTraffic() throws InterruptedException {
    long target = sent + 2 * WINDOW;
    TestHost.await(() -> arrived >= target || failure != null);
    assertWell();
  }

  /** Whether all is well so far: nothing lost, doubled, out of order or changed. */
  void assertWell() {
    if (failure != null) {
      throw new AssertionError("the bystanders' traffic has ended", failure);
    }
    if (check.lost() + check.late() + check.corrupt() != 0) {
      throw new AssertionError(
          "bystanders: %d lost, %d late, %d corrupt of %d"
              .formatted(check.lost(), check.late(), check.corrupt(), check.frames()));
    }
  }

  /** Ends the traffic; all that was sent must have arrived. */
  long finish() {
    close();
    assertWell();
    if (check.frames() != sent) {
      throw new AssertionError(sent + " sent, " + check.frames() + " received");
    }
    return check.frames();
  }

  @Override
  public void close() {
    stopping = true;
    TestHost.join(thread);
  }
}
