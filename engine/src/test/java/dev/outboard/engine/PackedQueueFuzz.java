package dev.outboard.engine;

import dev.outboard.engine.virtqueue.BadRingException;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.virtqueue.Virtqueue;
import java.io.IOException;
import java.lang.foreign.ValueLayout;

/**
 * Packed rings, every word of them, of any size and from any position on, for {@link FuzzedQueues};
 * some words change between one burst and the next.
 */
final class PackedQueueFuzz implements FuzzRun.Target, AutoCloseable {
  private static final int MOST = 16;
  private static final int DRIVER_EVENT = 1024;
  private static final int DEVICE_EVENT = 2048;
  private static final int AVAILABLE = 1 << 7;
  private static final int USED = 1 << 15;
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
    VirtioNet.VERSION_1 | VirtioNet.MRG_RXBUF,
    VirtioNet.VERSION_1
  };

  private final FuzzedQueues queues = new FuzzedQueues(MOST);

  PackedQueueFuzz() throws IOException {}

  @Override
  public void run(FuzzInput in) throws BadRingException {
    long features = FEATURES[in.below(FEATURES.length)] | VirtioNet.RING_PACKED;
    int size = MOST - in.below(MOST);
    int base = in.below(size) | (in.oneIn(2) ? 0 : USED);
    queues.bytes.asSlice(0, FuzzedQueues.BUFFERS).fill((byte) 0);
    fill(in, FuzzedQueues.TRANSMIT, size, base, 0);
    fill(in, FuzzedQueues.RECEIVE, size, base, 2);
    queues.fillBuffers(in);
    TransmitQueue transmit =
        new TransmitQueue(ring(FuzzedQueues.TRANSMIT, size, base, features), features, 7);
    ReceiveQueue receive =
        new ReceiveQueue(ring(FuzzedQueues.RECEIVE, size, base, features), features, 1518);
    for (int i = 0; i < 3; i++) {
      queues.forward(transmit, receive, in);
      for (int k = in.below(4); k > 0; k--) {
        int at = in.oneIn(2) ? FuzzedQueues.TRANSMIT : FuzzedQueues.RECEIVE;
        queues.word(at + 16L * in.below(size) + 14, in.edge());
      }
    }
  }

  private Virtqueue ring(int at, int size, int base, long features) throws BadRingException {
    long start = FuzzedQueues.USER + at;
    return Virtqueue.open(
        new Virtqueue.Layout(size, base, start, start + DRIVER_EVENT, start + DEVICE_EVENT),
        queues.memory,
        features,
        null);
  }

  /** Descriptors and event of one ring; most of them make sense. */
  private void fill(FuzzInput in, int at, int size, int base, int direction) {
    for (int d = 0; d < size; d++) {
      boolean wrap = (base & USED) != 0 == d >= (base & 0x7fff);
      descriptor(in, at + 16L * d, direction, in.oneIn(16) ? !wrap : wrap);
    }
    queues.word(at + DRIVER_EVENT, in.edge());
    queues.word(at + DRIVER_EVENT + 2L, in.oneIn(8) ? in.edge() : in.below(3));
    for (int e = 0; e < 8; e++) {
      descriptor(in, FuzzedQueues.TABLES + 16L * (e + at / 256), direction, in.oneIn(2));
    }
  }

  private void descriptor(FuzzInput in, long at, int direction, boolean wrap) {
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
    queues.word(at + 12, in.edge());
    queues.word(at + 14, flags | (wrap ? AVAILABLE : USED));
  }

  @Override
  public void close() {
    queues.close();
  }
}
