package dev.outboard.engine;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.forwarding.SourceCheck;
import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.linux.MemoryFile;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.RegionTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A transmit and a receive queue, the source check and the copy from ring to ring, in memory and
 * without threads: the fastest way to show them many rings, descriptors and frames. What must hold:
 * nothing is thrown, and each fragment of a frame lies in its region, and they sum up to the
 * frame's length.
 */
final class FuzzedQueues implements AutoCloseable {
  static final long GUEST = 0x10_0000;
  static final long USER = 0x7000_0000_0000L;
  static final int TRANSMIT = 0;
  static final int RECEIVE = 4096;
  static final int TABLES = 8192;
  static final int BUFFERS = 16_384;
  static final int BUFFER = 4096;
  private static final int BYTES = 1 << 16;

  final GuestMemory memory;
  final MemorySegment bytes;
  private final FrameBurst burst;
  private final PrivateHeaders headers;
  private final Scratch scratch = new Scratch();
  private final SourceCheck check;
  private final FuzzFrames frames = new FuzzFrames(TestHost.endpoint(1), TestHost.endpoint(3));
  private final int ring;

  /**
   * Memory for two rings and what they name.
   *
   * @param ring how many descriptors they have
   */
  FuzzedQueues(int ring) throws IOException {
    this.ring = ring;
    RegionTable regions = new RegionTable();
    int file = MemoryFile.create("fuzzed-queues", 2L * BYTES);
    memory =
        GuestMemory.map(
            List.of(new GuestMemory.Line(GUEST, BYTES, USER, BYTES, file)),
            new GuestRegions(regions),
            false);
    bytes = memory.segment(0);
    burst = new FrameBurst(regions, TransmitQueue.BURST, 2 * DescriptorChain.MAX_DESCRIPTORS);
    headers = new PrivateHeaders(regions, TransmitQueue.BURST + 1);
    check =
        new SourceCheck(
            new GuestIdentity(
                "g1",
                "acme",
                TestHost.NETWORK,
                new MacAddress(TestHost.endpoint(1).mac()),
                List.of(TestHost.endpoint(1).address()),
                1500));
  }

  /** Fills the buffers with frames. */
  void fillBuffers(FuzzInput in) {
    for (int i = 0; i < 4; i++) {
      byte[] frame = frames.next(in);
      MemorySegment.copy(
          frame, 0, bytes, ValueLayout.JAVA_BYTE, BUFFERS + (long) BUFFER * i, frame.length);
    }
  }

  /** Frames of one queue go to the other, as far as they like. */
  void forward(TransmitQueue transmit, ReceiveQueue receive, FuzzInput in) {
    int chains = transmit.poll(burst, headers, scratch, 1 << 20);
    require(chains <= ring, "chains beyond the ring");
    receive.lookAhead(scratch);
    require(receive.tryLock(), "a lock that nobody holds");
    int done = in.oneIn(2) ? 0 : deliverRun(receive);
    for (int i = done; i < burst.count(); i++) {
      examine(i);
      if (receive.deliver(burst, i, scratch) == ReceiveQueue.NO_ROOM && in.oneIn(2)) {
        break;
      }
      done++;
    }
    transmit.finish(burst, done);
    boolean _ = receive.ring().publish();
    boolean _ = receive.ring().wantsCall();
    receive.unlock();
    boolean _ = transmit.ring().publish();
    boolean _ = transmit.ring().wantsCall();
    boolean _ = transmit.ring().armKick();
    transmit.ring().disarmKick();
  }

  /** As a worker delivers, as far as that goes; returns how many frames. */
  private int deliverRun(ReceiveQueue receive) {
    int run = receive.deliverRun(burst, 0, burst.count(), scratch);
    require(run <= burst.count(), "more frames than there are");
    for (int i = 0; i < run; i++) {
      examine(i);
    }
    return run;
  }

  private void examine(int i) {
    int total = 0;
    for (int f = burst.firstFragment(i); f < burst.firstFragment(i + 1); f++) {
      MemorySegment segment = burst.segment(f);
      require(
          burst.offset(f) >= 0 && burst.offset(f) + burst.fragmentLength(f) <= segment.byteSize(),
          "a fragment outside its region");
      total += burst.fragmentLength(f);
    }
    require(total == burst.length(i), "fragments that do not sum up");
    int first = burst.firstFragment(i);
    Object _ =
        check.examine(
            headers.memory(),
            burst.offset(first),
            burst.fragmentLength(first),
            burst.segmentation(i));
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  void word(long at, long value) {
    bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
  }

  @Override
  public void close() {
    memory.close();
    headers.close();
  }
}
