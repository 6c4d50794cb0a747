package dev.outboard.bench.parts;

import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.RegionTable;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Walking chains without moving a byte: buffers are looked at, as for a direct receive. */
@State(Scope.Thread)
public class WalkParts extends Parts {
  private static final int CHAINS = 16;
  private static final int BUFFER = 2048;
  private static final int FRAME = 1514;

  /** Descriptors of a chain. */
  @Param({"1", "2", "8"})
  public int descriptors;

  private GuestRing guest;
  private ReceiveQueue queue;
  private ReceiveSpace space;
  private final Scratch scratch = new Scratch();

  /** For JMH. */
  public WalkParts() {}

  /** A ring that is full of buffers. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    RegionTable regions = new RegionTable();
    guest = new GuestRing(regions, CHAINS, descriptors, BUFFER, true);
    // Without super-frames, or it would look for room for one of those.
    queue = new ReceiveQueue(guest.ring(), 0, FRAME);
    space = new ReceiveSpace(regions, CHAINS, CHAINS, DescriptorChain.MAX_DESCRIPTORS);
    guest.refill(CHAINS);
    if (!queue.tryLock()) {
      throw new IOException("a new queue is locked");
    }
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    guest.close();
  }

  /** Each chain is read and checked. */
  @Benchmark
  @OperationsPerInvocation(CHAINS)
  public int walk() {
    if (!queue.offer(space, scratch, CHAINS)) {
      throw new IllegalStateException("there are no buffers");
    }
    return space.bufferCount();
  }
}
