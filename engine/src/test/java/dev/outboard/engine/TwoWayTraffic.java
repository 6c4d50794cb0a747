package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Two guests that send to each other without a pause, driven by a thread of their own, with never
 * more under way than fits the other's ring: so each frame must arrive, whole and in order.
 */
final class TwoWayTraffic {
  private static final int WINDOW = 64;
  private static final int BURST = 32;
  private static final int LENGTH = 300;
  private static final long PAUSE_NANOS = 10_000;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final TestHost host;
  private final int[] numbers;
  private final VhostUserGuest[] guests;
  private final FrameTemplate[] templates;
  private final FrameCheck[] arrived;
  private final long[] sent = new long[2];
  private final Thread thread = Thread.ofPlatform().name("traffic").unstarted(this::run);
  private volatile boolean stopping;
  private volatile Throwable failure;
  private volatile long exchanged;

  /** Between the guests of these numbers, which run already. */
  TwoWayTraffic(TestHost host, int one, VhostUserGuest a, int two, VhostUserGuest b) {
    this.host = host;
    numbers = new int[] {one, two};
    guests = new VhostUserGuest[] {a, b};
    templates = new FrameTemplate[] {template(one, two), template(two, one)};
    arrived = new FrameCheck[] {new FrameCheck(templates[0]), new FrameCheck(templates[1])};
  }

  private static FrameTemplate template(int from, int to) {
    return FrameTemplate.raw(TestHost.endpoint(from), TestHost.endpoint(to), LENGTH).withContent();
  }

  TwoWayTraffic start() {
    thread.start();
    return this;
  }

  /** Frames that have arrived so far, both ways. */
  long exchanged() {
    return exchanged;
  }

  private void run() {
    try {
      long deadline = 0;
      while (deadline == 0 || (underWay() > 0 && System.nanoTime() < deadline)) {
        if (deadline == 0 && stopping) {
          deadline = System.nanoTime() + PATIENCE_NANOS;
        }
        if (!turn(deadline == 0)) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        exchanged = arrived[0].frames() + arrived[1].frames();
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  private long underWay() {
    return sent[0] + sent[1] - arrived[0].frames() - arrived[1].frames();
  }

  private boolean turn(boolean sending) {
    int moved = 0;
    for (int i = 0; i < 2; i++) {
      int room = (int) Math.min(BURST, WINDOW - (sent[i] - arrived[i].frames()));
      if (sending && room > 0) {
        int took = guests[i].send(templates[i], sent[i], room);
        sent[i] += took;
        moved += took;
      }
      moved += guests[1 - i].receive(arrived[i], WINDOW);
    }
    return moved > 0;
  }

  /** Ends it; every frame has arrived once, in order, and the sidecar has counted just that. */
  void finish() throws InterruptedException {
    stopping = true;
    thread.join();
    if (failure != null) {
      throw new AssertionError("the traffic failed", failure);
    }
    for (int i = 0; i < 2; i++) {
      String which = "g" + numbers[i] + " to g" + numbers[1 - i];
      GuestStatus.Counters from = host.counters(numbers[i]);
      assertEquals(Map.of(), from.drops(), which);
      assertEquals(sent[i], arrived[i].frames(), which);
      assertEquals(0, arrived[i].lost(), which + " lost");
      assertEquals(0, arrived[i].late(), which + " repeated or overtaken");
      assertEquals(0, arrived[i].corrupt(), which + " corrupt");
      assertEquals(sent[i], from.sentFrames(), which);
      assertEquals(sent[i], host.counters(numbers[1 - i]).receivedFrames(), which);
    }
  }
}
