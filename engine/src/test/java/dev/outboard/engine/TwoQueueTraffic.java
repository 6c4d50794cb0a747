package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.MultiQueueGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.packet.FlowHash;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Guests 1 and 2 of a host have two queue pairs each and send to each other without a pause, a flow
 * by each queue and each way, with never more under way than fits the other's queue: so each frame
 * must arrive, in order, by the one queue that is its flow's. Driven by a thread of its own.
 */
final class TwoQueueTraffic implements AutoCloseable {
  private static final int PAIRS = 2;
  private static final int WINDOW = 48;
  private static final int BURST = 16;
  private static final int LENGTH = 200;
  private static final int FIRST_PORT = 10_000;
  private static final long MORE = 200;
  private static final long PAUSE_NANOS = 10_000;
  private static final long WRITE_OFF_NANOS = 200_000_000L;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final TestHost host;
  private final MultiQueueGuest[] guests = new MultiQueueGuest[2];
  private final Flow[] flows = new Flow[2 * PAIRS];
  private final Thread thread = Thread.ofPlatform().name("traffic").unstarted(this::run);
  private volatile boolean lossy;
  private volatile boolean stopping;
  private volatile Throwable failure;
  private volatile long exchanged;

  /** Frames by one queue of one guest into the same queue of the other. */
  private static final class Flow {
    final int from;
    final int pair;
    final FrameTemplate template;
    final FrameCheck check;
    long sent;
    long writtenOff;
    long lastArrival = System.nanoTime();

    Flow(int from, int pair) {
      this.from = from;
      this.pair = pair;
      template = template(from, pair);
      check = new FrameCheck(template);
    }
  }

  /** Attaches both guests and starts their drivers. */
  TwoQueueTraffic(TestHost host) throws Exception {
    this.host = host;
    for (int i = 0; i < 2; i++) {
      host.engine.attach(host.spec(i + 1, Frontend.QEMU, PAIRS));
      guests[i] = boot(host, i + 1);
      for (int pair = 0; pair < PAIRS; pair++) {
        flows[i * PAIRS + pair] = new Flow(i, pair);
      }
    }
  }

  /** Starts the driver of an attached guest with two queue pairs. */
  static MultiQueueGuest boot(TestHost host, int n) throws Exception {
    MultiQueueGuest guest =
        new MultiQueueGuest(
            "g" + n,
            PAIRS,
            VirtioNet.VERSION_1 | VirtioNet.MQ | VirtioNet.CSUM | VirtioNet.GUEST_CSUM,
            MultiQueueGuest.Handover.TABLE,
            host.connect(n));
    TestHost.await(() -> host.status("g" + n).state() == GuestStatus.State.RUNNING);
    return guest;
  }

  /** A flow that belongs into this queue of its receiver. */
  private static FrameTemplate template(int from, int queue) {
    FrameTemplate any =
        FrameTemplate.tcp(TestHost.endpoint(from + 1), TestHost.endpoint(2 - from), LENGTH, 1460);
    for (int port = FIRST_PORT; ; port++) {
      FrameTemplate flow = any.fromPort(port);
      MemorySegment frame = MemorySegment.ofArray(flow.bytes()).asSlice(VirtioNet.HEADER_SIZE);
      int hash = FlowHash.of(frame, 0, (int) frame.byteSize());
      if (Integer.remainderUnsigned(hash, PAIRS) == queue) {
        return flow;
      }
    }
  }

  /** Guest 1 or 2, by 0 or 1. */
  MultiQueueGuest guest(int which) {
    return guests[which];
  }

  /**
   * Frames may be dropped, and come into the other queue while that is the only one: a window of
   * which nothing arrives for a while is given up.
   */
  TwoQueueTraffic allowLoss() {
    lossy = true;
    return this;
  }

  TwoQueueTraffic start() {
    thread.start();
    return this;
  }

  /** Frames that have arrived so far, of all flows. */
  long exchanged() {
    return exchanged;
  }

  /** Waits until each flow has gone on. */
  void awaitMore() throws InterruptedException {
    long before = exchanged;
    TestHost.await(() -> exchanged > before + MORE || failure != null);
  }

  /** The first frame of guest 1's flow by this queue. */
  byte[] frame(int pair) {
    byte[] bytes = flows[pair].template.bytes();
    return Arrays.copyOfRange(bytes, VirtioNet.HEADER_SIZE, bytes.length);
  }

  /** Sends one frame by this queue of guest 1, while nothing else goes on, and receives it. */
  void exchangeOne(int pair) {
    Flow flow = flows[pair];
    flow.sent += guests[0].send(pair, flow.template, flow.sent, 1);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (flow.check.frames() < flow.sent) {
      assertTrue(System.nanoTime() < deadline, "it does not arrive");
      int _ = guests[1].receive(pair, flow.check, 1);
    }
  }

  private void run() {
    try {
      long deadline = 0;
      while (deadline == 0 || (underWay() > 0 && System.nanoTime() < deadline)) {
        if (deadline == 0 && stopping) {
          deadline = System.nanoTime() + PATIENCE_NANOS;
        }
        boolean moved = false;
        for (Flow flow : flows) {
          moved |= turn(flow, deadline == 0);
        }
        if (!moved) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        long sum = 0;
        for (Flow flow : flows) {
          sum += flow.check.frames();
        }
        exchanged = sum;
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  private long underWay() {
    long frames = 0;
    for (Flow flow : flows) {
      frames += flow.sent - done(flow);
    }
    return frames;
  }

  /** Frames that are not under way any more; one that was dropped shows by one behind it. */
  private static long done(Flow flow) {
    return Math.max(flow.writtenOff, flow.check.position());
  }

  private boolean turn(Flow flow, boolean sending) {
    int room = (int) Math.min(BURST, WINDOW - (flow.sent - done(flow)));
    int sent = 0;
    if (sending && room > 0) {
      sent = guests[flow.from].send(flow.pair, flow.template, flow.sent, room);
      flow.sent += sent;
    }
    int received = guests[1 - flow.from].receive(flow.pair, flow.check, WINDOW);
    long now = System.nanoTime();
    if (received > 0) {
      flow.lastArrival = now;
    } else if (lossy && now - flow.lastArrival > WRITE_OFF_NANOS) {
      flow.writtenOff = flow.sent;
      flow.lastArrival = now;
    }
    return sent + received > 0;
  }

  /** Ends it; every frame has arrived once, in order, and the sidecar has counted just that. */
  void finish() throws InterruptedException {
    finishWithDrops(Set.of());
    for (Flow flow : flows) {
      assertEquals(0, flow.check.lost(), name(flow) + " lost");
    }
  }

  /** As {@link #finish}, but frames may be missing that were dropped for one of these reasons. */
  void finishWithDrops(Set<String> reasons) throws InterruptedException {
    stopping = true;
    thread.join();
    if (failure != null) {
      throw new AssertionError("the traffic failed", failure);
    }
    for (Flow flow : flows) {
      assertEquals(0, flow.check.late(), name(flow) + " repeated or overtaken");
      assertEquals(0, flow.check.corrupt(), name(flow) + " corrupt");
      if (!lossy) {
        assertEquals(0, flow.check.foreign(), name(flow) + " in another's queue");
      }
    }
    for (int i = 0; i < 2; i++) {
      long sent = 0;
      long arrived = 0;
      for (Flow flow : flows) {
        sent += flow.from == i ? flow.sent : 0;
        arrived += flow.from == i ? flow.check.frames() + flow.check.foreign() : 0;
      }
      GuestStatus.Counters from = host.counters(i + 1);
      Map<String, Long> drops = from.drops();
      assertTrue(reasons.containsAll(drops.keySet()), drops.toString());
      assertEquals(sent, from.sentFrames());
      assertEquals(arrived, host.counters(2 - i).receivedFrames());
      assertEquals(sent, arrived + drops.values().stream().mapToLong(n -> n).sum());
    }
  }

  private static String name(Flow flow) {
    return "from g" + (flow.from + 1) + " by queue " + flow.pair;
  }

  @Override
  public void close() {
    stopping = true;
    if (thread.isAlive()) {
      TestHost.join(thread);
    }
    for (MultiQueueGuest guest : guests) {
      guest.close();
    }
  }
}
