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
 * used; what {@link #read} has read is checked ({@link #locate}) and used, and not read again.
 *
 * <p>Each step is a loop over the burst that does one thing and calls nothing: so the compiler
 * keeps what is the same for all in registers, and checks bounds once. Step by step for all frames
 * takes half the instructions of all steps for each frame.
 */
final class PrivateDescriptors {
  /** From one line of a frame to the next. */
  private static final int LINE = 64;

  private final int[] heads;
  private final long[] addresses;
  private final long[] words;

  /** Where the first buffers lie, of those that {@link #locate} has found. */
  private final int[] regions;

  private final long[] offsets;
  private int count;

  /** Whose they are: to find out why a read has failed. */
  private int ringId;

  /** What was touched, so that it has to be read. */
  @SuppressWarnings("UnusedVariable") // written only
  private long sum;

  /** Room for a burst of so many chains. */
  PrivateDescriptors(int chains) {
    heads = new int[chains];
    addresses = new long[chains];
    words = new long[chains];
    regions = new int[chains];
    offsets = new long[chains];
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

  /**
   * Finds out where the buffers lie, as long as all is as nearly always: each chain is one buffer,
   * and one region holds it.
   *
   * @param flags what the descriptor's flags must be
   * @param least how many bytes the buffer must have
   * @param most how many it may have
   * @return how many chains are like that, from the first on
   */
  int locate(GuestMemory memory, int flags, int least, int most) {
    int found = memory.count() == 1 ? locateInOne(memory, flags, least, most) : 0;
    while (found < count && isAsUsual(words[found], flags, least, most)) {
      int region = memory.find(addresses[found], length(found));
      if (region < 0) {
        break;
      }
      regions[found] = region;
      offsets[found] = memory.offset(region, addresses[found]);
      found++;
    }
    return found;
  }

  private int locateInOne(GuestMemory memory, int flags, int least, int most) {
    long start = memory.start(0);
    long size = memory.segment(0).byteSize();
    for (int i = 0; i < count; i++) {
      long word = words[i];
      long offset = addresses[i] - start;
      if (!isAsUsual(word, flags, least, most) || offset < 0 || offset > size - (int) word) {
        return i;
      }
      regions[i] = 0;
      offsets[i] = offset;
    }
    return count;
  }

  private static boolean isAsUsual(long word, int flags, int least, int most) {
    int length = (int) word;
    return Virtqueue.flags(word) == flags && length >= least && length <= most;
  }

  /** Brings the beginnings of the first {@code chains} frames here, which were located. */
  void touch(GuestMemory memory, int chains) {
    long read = 0;
    for (int i = 0; i < chains; i++) {
      MemorySegment segment = memory.segment(regions[i]);
      long at = offsets[i];
      read += segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      read += segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at + Math.min(LINE, length(i)) - 8);
    }
    sum = read;
  }

  /**
   * Brings the lines here that the headers of received frames lie in, where these are lines of
   * their own: so they can be compared. Others will be written, and a line that is read first takes
   * two trips.
   */
  void touchHeaders(GuestMemory memory, int chains, int headerLength) {
    long read = 0;
    for (int i = 0; i < chains; i++) {
      if (isAlone(offsets[i], headerLength)) {
        read += memory.segment(regions[i]).get(ValueLayout.JAVA_LONG_UNALIGNED, offsets[i]);
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

  /** The index of the region that holds buffer {@code i}, which was located. */
  int region(int i) {
    return regions[i];
  }

  /** Where in its region buffer {@code i} starts, which was located. */
  long offset(int i) {
    return offsets[i];
  }

  /** The length of the chain's first buffer; nothing is checked. */
  int length(int i) {
    return (int) words[i];
  }

  /** Whether what they lead to, if they are of this ring, can be read at this moment; cold. */
  boolean isAccessible(Virtqueue ring) {
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
