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

  /** Where the first buffers lie, of those that {@link #locate} has found, and in which region. */
  private final long[] offsets;

  private int region;
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
    offsets = new long[chains];
  }

  /**
   * Reads the first descriptors of the next chains, fewer if the ring breaks there.
   *
   * @return how many
   */
  int read(Virtqueue ring, int chains) {
    ringId = ring.id;
    count = ring.readFirst(Math.min(chains, heads.length), heads, addresses, words);
    return count;
  }

  /**
   * Finds out where buffers lie, as long as all is as nearly always: each chain is one buffer, and
   * one region holds them all.
   *
   * @param from the first to be found
   * @param flags what the descriptor's flags must be
   * @param least how many bytes the buffer must have
   * @param most how many it may have
   * @return the first that is not like that, or the end
   */
  int locate(GuestMemory memory, int from, int flags, int least, int most) {
    if (from == count) {
      return from;
    }
    int found = memory.count() == 1 ? 0 : memory.find(addresses[from], length(from));
    if (found < 0) {
      return from;
    }
    region = found;
    long start = memory.start(found);
    long size = memory.segment(found).byteSize();
    int end = count;
    for (int i = from; i < end; i++) {
      long word = words[i];
      int bytes = (int) word;
      long offset = addresses[i] - start;
      if (Virtqueue.flags(word) != flags
          || bytes < least
          || bytes > most
          || offset < 0
          || offset > size - bytes) {
        return i;
      }
      offsets[i] = offset;
    }
    return end;
  }

  /** Brings the beginnings of frames here, which were located; {@code from} is the first. */
  void touch(MemorySegment segment, int from, int end) {
    long read = 0;
    for (int i = from; i < end; i++) {
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
  void touchHeaders(MemorySegment segment, int chains, int headerLength) {
    long read = 0;
    for (int i = 0; i < chains; i++) {
      if (isAlone(offsets[i], headerLength)) {
        read += segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offsets[i]);
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

  /** The heads of the chains. Not to be changed. */
  int[] heads() {
    return heads;
  }

  /** The index of the region that holds the buffers that were located last. */
  int region() {
    return region;
  }

  /** Where in that region each starts. Not to be changed. */
  long[] offsets() {
    return offsets;
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
