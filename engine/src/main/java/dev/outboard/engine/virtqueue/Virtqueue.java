package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One virtqueue as the device sees it, and how far the device has come in it. There are two layouts
 * in memory, {@link SplitRing} and, where the driver has agreed to it, {@link PackedRing}; what is
 * here is what queues of frames and commands need of either. Used by one thread at a time; {@link
 * TransmitQueue} and {@link ReceiveQueue} say which.
 *
 * <p>Chains are looked at in the order of the ring ({@link #available}, {@link #head}), taken
 * ({@link #advance}), completed in the same order, always ({@link #complete}), and shown to the
 * driver together ({@link #publish}). What is taken and not completed can be given back.
 */
public abstract sealed class Virtqueue permits SplitRing, PackedRing {
  private static final AtomicInteger IDS = new AtomicInteger();

  /** Tells rings apart. */
  final int id = IDS.incrementAndGet();

  final int size;
  final GuestMemory memory;
  final MemorySegment descriptors;
  final boolean indirectAllowed;
  final boolean eventIndex;

  private String broken;

  /**
   * Where a ring lies and where it goes on.
   *
   * @param size number of descriptors
   * @param base the position to go on from, as {@link #position} tells it
   * @param descriptors user address of the descriptors
   * @param avail user address of the driver's area: the avail ring, or its event
   * @param used user address of the device's area: the used ring, or its event
   */
  public record Layout(int size, int base, long descriptors, long avail, long used) {}

  /** Takes hold of the descriptors; the caller has checked the size. */
  Virtqueue(Layout layout, GuestMemory memory, long features) throws BadRingException {
    size = layout.size();
    this.memory = memory;
    indirectAllowed = (features & VirtioNet.INDIRECT_DESC) != 0;
    eventIndex = (features & VirtioNet.EVENT_IDX) != 0;
    descriptors = area("descriptor table", layout.descriptors(), 16L * size, 16);
  }

  final MemorySegment area(String name, long userAddress, long bytes, int alignment)
      throws BadRingException {
    MemorySegment area = memory.userRange(userAddress, bytes);
    if (area == null) {
      throw new BadRingException("the " + name + " is outside the guest's memory");
    }
    if ((area.address() & (alignment - 1)) != 0) {
      throw new BadRingException("the " + name + " is not aligned to " + alignment + " bytes");
    }
    return area;
  }

  /**
   * The ring that the features ask for.
   *
   * @param inflight the ring's part of the in-flight file, or null
   * @throws BadRingException if its areas are not what the specification asks for
   */
  public static Virtqueue open(
      Layout layout, GuestMemory memory, long features, InflightQueue inflight)
      throws BadRingException {
    return (features & VirtioNet.RING_PACKED) != 0
        ? new PackedRing(layout, memory, features)
        : new SplitRing(layout, memory, features, inflight);
  }

  /** Whether a ring that goes on from this position was not used yet. */
  public static boolean isBeginning(int base, long features) {
    int beginning = (features & VirtioNet.RING_PACKED) != 0 ? PackedRing.BEGINNING : 0;
    return (base & 0xffff) == beginning;
  }

  /**
   * How many chains can be taken; looks at guest memory only if fewer than {@code wanted} are
   * known.
   */
  abstract int available(int wanted);

  /**
   * By what the ring knows the chain {@code ahead} places beyond the next one, in 16 bits; or -1 if
   * there is no such chain, which breaks the ring.
   */
  abstract int head(int ahead);

  /** The address in the first descriptor of a chain; nothing is checked. */
  abstract long address(int head);

  /**
   * The rest of that descriptor: the length in the low half, {@link #flags} above, and over these
   * what has no meaning here.
   */
  abstract long lengthAndFlags(int head);

  /**
   * Reads the first descriptors of the next chains: {@link #head}, {@link #address} and {@link
   * #lengthAndFlags} of each, once.
   *
   * @param chains at most as many as are available
   * @return how many; fewer if the ring breaks there
   */
  int readFirst(int chains, int[] heads, long[] addresses, long[] words) {
    for (int i = 0; i < chains; i++) {
      int head = head(i);
      if (head < 0) {
        return i;
      }
      heads[i] = head;
      addresses[i] = address(head);
      words[i] = lengthAndFlags(head);
    }
    return chains;
  }

  /** The flags in what {@link #lengthAndFlags} gives; of a split ring's descriptor anyway. */
  static int flags(long lengthAndFlags) {
    return (int) (lengthAndFlags >>> 32) & 0xffff;
  }

  /** Goes on by so many chains; a negative number goes back. */
  abstract void advance(int chains);

  /** Completes the chain that is next to be completed; not published yet. */
  abstract void complete(int head, int bytesWritten);

  /** Completes the first {@code chains} of these, one after the other; not published yet. */
  abstract void complete(int[] heads, int[] bytesWritten, int chains);

  /**
   * Shows the driver all that was completed: one release-store. Returns false if there was nothing.
   */
  public abstract boolean publish();

  /**
   * Whether the driver wants a call for what was published since the last time. A full fence must
   * lie between {@link #publish} and this.
   */
  public abstract boolean wantsCall();

  /**
   * Asks for a kick when there are more chains than the last look at the ring has shown.
   *
   * @return whether more have come already, in which case the kick may not
   */
  public abstract boolean armKick();

  /** Asks for no kicks, as far as possible. */
  public abstract void disarmKick();

  /** How many chains were taken, modulo 2^16, from any number on. */
  abstract int taken();

  /** How many chains were completed, in the count of {@link #taken}. */
  abstract int filled();

  /** After a failure: goes on behind so many chains, taken and completed. */
  abstract void resumeAt(int chains);

  /** After a failure of its memory: nothing is left to be shown. */
  abstract void forget();

  /** Whether its memory can be read at this moment; asks the kernel, cold. */
  public abstract boolean isAccessible();

  /**
   * Where to go on after a stop, as vhost-user's GET_VRING_BASE tells it: everything before it is
   * completed and published.
   */
  public abstract int position();

  final void markBroken(String reason) {
    if (broken == null) {
      broken = reason;
    }
  }

  /** Why the ring can't be used any more, or null. */
  public final String broken() {
    return broken;
  }
}
