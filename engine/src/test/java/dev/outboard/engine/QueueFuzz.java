package dev.outboard.engine;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.forwarding.SourceCheck;
import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.BadRingException;
import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateDescriptors;
import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.SplitRing;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.virtqueue.Virtqueue;
import dev.outboard.linux.MemoryFile;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.RegionTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The queues, the source check and the copy from ring to ring, in memory and without threads: the
 * fastest way to show them many rings, descriptors and frames. What must hold: nothing is thrown,
 * and each fragment of a frame lies in its region, and they sum up to the frame's length.
 */
final class QueueFuzz implements FuzzRun.Target, AutoCloseable {
  private static final int RING = 16;
  private static final int BYTES = 1 << 16;
  private static final long GUEST = 0x10_0000;
  private static final long USER = 0x7000_0000_0000L;
  private static final int TRANSMIT = 0;
  private static final int RECEIVE = 4096;
  private static final int AVAIL = 1024;
  private static final int USED = 2048;
  private static final int TABLES = 8192;
  private static final int BUFFERS = 16_384;
  private static final int BUFFER = 4096;
  private static final long[] FEATURES = {
    VirtioNet.VERSION_1
        | VirtioNet.MRG_RXBUF
        | VirtioNet.INDIRECT_DESC
        | VirtioNet.EVENT_IDX
        | VirtioNet.CSUM
        | VirtioNet.GUEST_CSUM
        | VirtioNet.HOST_TSO4
        | VirtioNet.HOST_TSO6
        | VirtioNet.GUEST_TSO4
        | VirtioNet.GUEST_TSO6,
    VirtioNet.VERSION_1 | VirtioNet.INDIRECT_DESC | VirtioNet.CSUM,
    VirtioNet.MRG_RXBUF,
    0
  };

  private final GuestMemory memory;
  private final MemorySegment bytes;
  private final FrameBurst burst;
  private final PrivateHeaders headers;
  private final DescriptorChain chain = new DescriptorChain();
  private final PrivateDescriptors firsts = new PrivateDescriptors(TransmitQueue.BURST);
  private final PrivateDescriptors buffers = new PrivateDescriptors(TransmitQueue.BURST);
  private final SourceCheck check;
  private final FuzzFrames frames = new FuzzFrames(TestHost.endpoint(1), TestHost.endpoint(3));

  QueueFuzz() throws IOException {
    RegionTable regions = new RegionTable();
    int file = MemoryFile.create("queue-fuzz", 2L * BYTES);
    memory =
        GuestMemory.map(
            List.of(new GuestMemory.Line(GUEST, BYTES, USER, BYTES, file)), regions, false);
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

  @Override
  public void run(FuzzInput in) throws BadRingException {
    long features = FEATURES[in.below(FEATURES.length)];
    bytes.asSlice(0, BUFFERS).fill((byte) 0);
    fill(in, TRANSMIT, 0);
    fill(in, RECEIVE, 2);
    for (int i = 0; i < 4; i++) {
      byte[] frame = frames.next(in);
      MemorySegment.copy(
          frame, 0, bytes, ValueLayout.JAVA_BYTE, BUFFERS + (long) BUFFER * i, frame.length);
    }
    TransmitQueue transmit = new TransmitQueue(ring(TRANSMIT, features), features, 7);
    ReceiveQueue receive = new ReceiveQueue(ring(RECEIVE, features), features, 1518);
    for (int i = 0; i < 3; i++) {
      forward(transmit, receive, in);
    }
  }

  private SplitRing ring(int at, long features) throws BadRingException {
    return new SplitRing(
        new Virtqueue.Layout(RING, 0, USER + at, USER + at + AVAIL, USER + at + USED),
        memory,
        features);
  }

  private void forward(TransmitQueue transmit, ReceiveQueue receive, FuzzInput in) {
    int chains = transmit.poll(burst, headers, firsts, chain, 1 << 20);
    require(chains <= RING, "chains beyond the ring");
    require(receive.tryLock(), "a lock that nobody holds");
    int done = in.oneIn(2) ? 0 : deliverRun(receive);
    for (int i = done; i < burst.count(); i++) {
      examine(i);
      if (receive.deliver(burst, i, chain) == ReceiveQueue.NO_ROOM && in.oneIn(2)) {
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
    int run = receive.deliverRun(burst, 0, burst.count(), buffers);
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

  /** Descriptors, heads and index of one ring; most of them make sense. */
  private void fill(FuzzInput in, int at, int direction) {
    for (int d = 0; d < RING; d++) {
      descriptor(in, at + 16L * d, direction);
      word(at + AVAIL + 4 + 2L * d, in.oneIn(16) ? in.edge() : in.below(RING));
    }
    word(at + AVAIL, in.below(2));
    word(at + AVAIL + 2L, in.oneIn(16) ? in.edge() : in.below(RING + 1));
    word(at + AVAIL + 4 + 2L * RING, in.edge());
    for (int e = 0; e < 8; e++) {
      descriptor(in, TABLES + 16L * (e + at / 256), direction);
    }
  }

  private void descriptor(FuzzInput in, long at, int direction) {
    boolean indirect = in.oneIn(6);
    long address =
        indirect
            ? GUEST + TABLES + 16L * in.below(32)
            : in.oneIn(12) ? GUEST + in.edge() : GUEST + BUFFERS + (long) BUFFER * in.below(4);
    long length =
        indirect ? 16L * in.below(9) : in.oneIn(12) ? in.edge() : in.oneOf(2048, 12, 128, 600);
    int flags = indirect ? 4 : direction | (in.oneIn(4) ? 1 : 0);
    if (in.oneIn(16)) {
      flags ^= in.octet();
    }
    bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, at, address);
    bytes.set(ValueLayout.JAVA_INT_UNALIGNED, at + 8, (int) length);
    word(at + 12, flags);
    word(at + 14, in.oneIn(16) ? in.edge() : in.below(RING));
  }

  private void word(long at, long value) {
    bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
  }

  @Override
  public void close() {
    memory.close();
    headers.close();
  }
}
