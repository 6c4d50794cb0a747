package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import java.lang.foreign.ValueLayout;

/**
 * Brings what the next burst of a transmit queue will be read from into this processor's cache, all
 * lines at the same time. {@link TransmitQueue} says why. Changes nothing and decides nothing: what
 * the guest has written wrongly is passed over here and found where it is read in earnest.
 */
final class BurstAhead {
  /** From one line of a frame to the next. */
  private static final int LINE = 64;

  /** Where the ring says that the chains' first buffers lie. */
  private final long[] addresses = new long[TransmitQueue.BURST];

  private int count;

  /** What was read, so that it has to be. */
  @SuppressWarnings("UnusedVariable") // written only
  private long sum;

  /** Reads ahead for so many chains, or as many as have {@code byteLimit} bytes. */
  void fetch(SplitRing ring, int chains, long byteLimit) {
    GuestMemory memory = ring.memory;
    for (int i = 0; i < chains; i++) {
      addresses[i] = ring.addressAhead(i);
    }
    count = chains;
    long read = 0;
    long bytes = 0;
    for (int i = 0; i < chains && bytes < byteLimit; i++) {
      int length = ring.lengthAhead(i);
      int region = length > LINE ? memory.find(addresses[i], length) : -1;
      if (region >= 0) {
        long at = memory.offset(region, addresses[i]);
        read += memory.segment(region).get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        read += memory.segment(region).get(ValueLayout.JAVA_LONG_UNALIGNED, at + LINE - 8);
        bytes += length;
      }
    }
    sum = read;
  }

  /** Whether it could be read at this moment; cold. */
  boolean isAccessible(GuestMemory memory) {
    for (int i = 0; i < count; i++) {
      int region = memory.find(addresses[i], LINE);
      if (region >= 0 && !memory.isAccessible(region, memory.offset(region, addresses[i]), LINE)) {
        return false;
      }
    }
    return true;
  }
}
