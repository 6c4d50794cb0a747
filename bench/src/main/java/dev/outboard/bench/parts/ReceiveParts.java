package dev.outboard.bench.parts;

import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Giving frames to a guest, for each of a burst of them. */
@State(Scope.Thread)
public class ReceiveParts extends Parts {
  private static final int BURST = 32;
  private static final int CHAINS = 64;
  private static final int VIRTIO_HEADER = 12;
  private static final int PRIVATE = 128;
  private static final int LARGEST = 9014;

  /** Bytes of a frame. */
  @Param({"64", "256", "1518", "9000"})
  public int bytes;

  private final Arena arena = Arena.ofShared();
  private final Scratch scratch = new Scratch();
  private GuestRing guest;
  private ReceiveQueue queue;
  private FrameBurst burst;

  /** For JMH. */
  public ReceiveParts() {}

  /** A burst whose frames have their headers in private memory and the rest elsewhere. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    RegionTable regions = new RegionTable();
    guest = new GuestRing(regions, CHAINS, 1, VIRTIO_HEADER + LARGEST, true);
    queue = new ReceiveQueue(guest.ring(), GuestRing.FEATURES, LARGEST);
    if (!queue.tryLock()) {
      throw new IOException("a new queue is locked");
    }
    burst = new FrameBurst(regions, BURST, 2 * BURST);
    int headers = regions.add(arena.allocate((long) BURST * PRIVATE, 64));
    long stride = (bytes + 63L) & -64;
    int payload = regions.add(arena.allocate(BURST * stride, 64));
    for (int i = 0; i < BURST; i++) {
      int first = Math.min(bytes, PRIVATE);
      burst.addFragment(headers, (long) i * PRIVATE, first);
      if (bytes > first) {
        burst.addFragment(payload, i * stride, bytes - first);
      }
      burst.endFrame(1, bytes, 0, 0);
    }
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    guest.close();
    arena.close();
  }

  /** As nearly all are delivered: into one buffer each, read ahead for all; published once. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public boolean deliver() {
    guest.refill(BURST);
    return published(queue.deliverRun(burst, 0, BURST, scratch) == BURST);
  }

  /** One by one, into as many pieces as their buffers have. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public boolean deliverInPieces() {
    guest.refill(BURST);
    boolean taken = true;
    for (int i = 0; i < BURST; i++) {
      taken &= queue.deliver(burst, i, scratch) == ReceiveQueue.DELIVERED;
    }
    return published(taken);
  }

  private boolean published(boolean taken) {
    if (!taken || !queue.ring().publish()) {
      throw new IllegalStateException("a frame was refused");
    }
    return true;
  }
}
