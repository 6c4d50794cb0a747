package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The first descriptor of each chain of a burst, taken private: queues read them all before they
 * look at any. Nearly every chain has but this one. Scratch memory of one worker, good until the
 * next {@link #read}.
 *
 * <p>Theory of operation. What the driver has just written lies in its processor's cache, and each
 * line of it takes some 50 ns to come here. Chain by chain the lines would come one after the
 * other, since what is read of one decides what is read next. So all descriptors are read first,
 * then one word of each line that the frames' headers lie in, or will ({@link #touch}): reads that
 * don't depend on each other, so the lines travel at the same time. What {@code touch} reads is not
 * used; what {@link #read} has read is checked and used, and not read again.
 */
public final class PrivateDescriptors {
  /** From one line of a frame to the next. */
  private static final int LINE = 64;

  private final int[] heads;
  private final long[] addresses;
  private final long[] words;
  private int count;

  /** Whose they are: to find out why a read has failed. */
  private int ringId;

  /** What was touched, so that it has to be read. */
  @SuppressWarnings("UnusedVariable") // written only
  private long sum;

  /** Room for a burst of so many chains. */
  public PrivateDescriptors(int chains) {
    heads = new int[chains];
    addresses = new long[chains];
    words = new long[chains];
  }

  /**
   * Reads the first descriptors of the next chains, fewer if the ring breaks there.
   *
   * @return how many
   */
  int read(Virtqueue ring, int chains) {
    ringId = ring.id;
    int i = 0;
    while (i < chains && i < heads.length) {
      int head = ring.head(i);
      if (head < 0) {
        break;
      }
      heads[i] = head;
      addresses[i] = ring.address(head);
      words[i] = ring.lengthAndFlags(head);
      i++;
    }
    count = i;
    return i;
  }

  /** Brings the beginnings of the frames here, as many as have {@code byteLimit} bytes. */
  void touch(GuestMemory memory, long byteLimit) {
    long read = 0;
    long bytes = 0;
    for (int i = 0; i < count && bytes < byteLimit; i++) {
      int length = length(i);
      int region = length > LINE ? memory.find(addresses[i], length) : -1;
      if (region >= 0) {
        MemorySegment segment = memory.segment(region);
        long at = memory.offset(region, addresses[i]);
        read += segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        read += segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at + LINE - 8);
        bytes += length;
      }
    }
    sum = read;
  }

  /**
   * Brings the lines here that the headers of received frames lie in, where these are lines of
   * their own: so they can be compared. Others will be written, and a line that is read first takes
   * two trips.
   */
  void touchHeaders(GuestMemory memory, int headerLength) {
    long read = 0;
    for (int i = 0; i < count; i++) {
      int region = memory.find(addresses[i], LINE);
      if (region >= 0 && isAlone(memory.offset(region, addresses[i]), headerLength)) {
        read +=
            memory
                .segment(region)
                .get(ValueLayout.JAVA_LONG_UNALIGNED, memory.offset(region, addresses[i]));
      }
    }
    sum = read;
  }

  /**
   * Whether a header that starts at {@code offset} of a region ends where a cache line does, so
   * that the frame behind it does not share its line. Regions are mapped at such a boundary.
   */
  static boolean isAlone(long offset, int headerLength) {
    return (offset + headerLength & (LINE - 1)) == 0;
  }

  /** The head of chain {@code i}. */
  int head(int i) {
    return heads[i];
  }

  /** Whether the chain is one buffer for the device to read, with no table. */
  boolean isOneToRead(int i) {
    return Virtqueue.flags(words[i]) == 0;
  }

  /** The guest-physical address of the chain's first buffer; nothing is checked. */
  long address(int i) {
    return addresses[i];
  }

  /** The length of the chain's first buffer; nothing is checked. */
  int length(int i) {
    return (int) words[i];
  }

  /** Whether the chain is one buffer for the device to write, with no table. */
  boolean isOneToWrite(int i) {
    return Virtqueue.flags(words[i]) == DescriptorChain.WRITE;
  }

  /** Whether what they lead to, if they are of this ring, can be read at this moment; cold. */
  public boolean isAccessible(Virtqueue ring) {
    if (ring.id != ringId) {
      return true;
    }
    GuestMemory memory = ring.memory;
    for (int i = 0; i < count; i++) {
      int region = memory.find(addresses[i], length(i));
      if (region >= 0
          && length(i) > 0
          && !memory.isAccessible(region, memory.offset(region, addresses[i]), length(i))) {
        return false;
      }
    }
    return true;
  }
}
