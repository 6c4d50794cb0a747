package dev.outboard.engine;

import dev.outboard.engine.virtqueue.BadRingException;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.SplitRing;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.virtqueue.Virtqueue;
import java.io.IOException;
import java.lang.foreign.ValueLayout;

/** Split rings, every word of them, for {@link FuzzedQueues}. */
final class QueueFuzz implements FuzzRun.Target, AutoCloseable {
  private static final int RING = 16;
  private static final int AVAIL = 1024;
  private static final int USED = 2048;
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

  private final FuzzedQueues queues = new FuzzedQueues(RING);

  QueueFuzz() throws IOException {}

  @Override
  public void run(FuzzInput in) throws BadRingException {
    long features = FEATURES[in.below(FEATURES.length)];
    queues.bytes.asSlice(0, FuzzedQueues.BUFFERS).fill((byte) 0);
    fill(in, FuzzedQueues.TRANSMIT, 0);
    fill(in, FuzzedQueues.RECEIVE, 2);
    queues.fillBuffers(in);
    TransmitQueue transmit = new TransmitQueue(ring(FuzzedQueues.TRANSMIT, features), features, 7);
    ReceiveQueue receive = new ReceiveQueue(ring(FuzzedQueues.RECEIVE, features), features, 1518);
    for (int i = 0; i < 3; i++) {
      queues.forward(transmit, receive, in);
    }
  }

  private SplitRing ring(int at, long features) throws BadRingException {
    long start = FuzzedQueues.USER + at;
    return new SplitRing(
        new Virtqueue.Layout(RING, 0, start, start + AVAIL, start + USED), queues.memory, features);
  }

  /** Descriptors, heads and index of one ring; most of them make sense. */
  private void fill(FuzzInput in, int at, int direction) {
    for (int d = 0; d < RING; d++) {
      descriptor(in, at + 16L * d, direction);
      queues.word(at + AVAIL + 4 + 2L * d, in.oneIn(16) ? in.edge() : in.below(RING));
    }
    queues.word(at + AVAIL, in.below(2));
    queues.word(at + AVAIL + 2L, in.oneIn(16) ? in.edge() : in.below(RING + 1));
    queues.word(at + AVAIL + 4 + 2L * RING, in.edge());
    for (int e = 0; e < 8; e++) {
      descriptor(in, FuzzedQueues.TABLES + 16L * (e + at / 256), direction);
    }
  }

  private void descriptor(FuzzInput in, long at, int direction) {
    boolean indirect = in.oneIn(6);
    long address =
        indirect
            ? FuzzedQueues.GUEST + FuzzedQueues.TABLES + 16L * in.below(32)
            : in.oneIn(12)
                ? FuzzedQueues.GUEST + in.edge()
                : FuzzedQueues.GUEST
                    + FuzzedQueues.BUFFERS
                    + (long) FuzzedQueues.BUFFER * in.below(4);
    long length =
        indirect ? 16L * in.below(9) : in.oneIn(12) ? in.edge() : in.oneOf(2048, 12, 128, 600);
    int flags = indirect ? 4 : direction | (in.oneIn(4) ? 1 : 0);
    if (in.oneIn(16)) {
      flags ^= in.octet();
    }
    queues.bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, at, address);
    queues.bytes.set(ValueLayout.JAVA_INT_UNALIGNED, at + 8, (int) length);
    queues.word(at + 12, flags);
    queues.word(at + 14, in.oneIn(16) ? in.edge() : in.below(RING));
  }

  @Override
  public void close() {
    queues.close();
  }
}
