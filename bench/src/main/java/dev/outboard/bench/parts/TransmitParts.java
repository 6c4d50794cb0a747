package dev.outboard.bench.parts;

import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.spi.FrameBurst;
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

/** Taking frames of 64 bytes from a guest, for each of a burst of them. */
@State(Scope.Thread)
public class TransmitParts extends Parts {
  private static final int FRAME = 64;
  private static final int VIRTIO_HEADER = 12;
  private static final long NO_LIMIT = Long.MAX_VALUE;

  /** Descriptors of a chain. */
  @Param({"1", "2"})
  public int descriptors;

  private GuestRing guest;
  private TransmitQueue queue;
  private FrameBurst burst;
  private PrivateHeaders headers;
  private final Scratch scratch = new Scratch();

  /** For JMH. */
  public TransmitParts() {}

  /** A ring that is full of frames. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    RegionTable regions = new RegionTable();
    int chains = TransmitQueue.BURST;
    guest = new GuestRing(regions, chains, descriptors, VIRTIO_HEADER + FRAME, false);
    queue = new TransmitQueue(guest.ring(), GuestRing.FEATURES, 1);
    burst = new FrameBurst(regions, TransmitQueue.BURST, 2 * DescriptorChain.MAX_DESCRIPTORS);
    headers = new PrivateHeaders(regions, TransmitQueue.BURST);
    guest.refill(chains);
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    headers.close();
    guest.close();
  }

  /** Descriptor walk, check and copy of the headers; the frames go back to the ring. */
  @Benchmark
  @OperationsPerInvocation(TransmitQueue.BURST)
  public int take() {
    int polled = queue.poll(burst, headers, scratch, NO_LIMIT);
    queue.finish(burst, 0);
    return polled;
  }

  /** The same, and then they are completed in the used ring, which is published. */
  @Benchmark
  @OperationsPerInvocation(TransmitQueue.BURST)
  public boolean takeAndPublish() {
    int polled = queue.poll(burst, headers, scratch, NO_LIMIT);
    queue.finish(burst, burst.count());
    boolean published = queue.ring().publish();
    guest.refill(polled);
    return published;
  }
}
