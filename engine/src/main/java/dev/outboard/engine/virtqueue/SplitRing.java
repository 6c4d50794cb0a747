package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.linux.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The three areas of one split virtqueue as the device sees them, and the positions in them. Used
 * by one thread at a time; {@link TransmitQueue} and {@link ReceiveQueue} say which.
 *
 * <pre>
 *   descriptors  size x 16 bytes                                  driver writes
 *   avail        flags 0, idx 2, ring 4 .., used_event  4+2*size  driver writes
 *   used         flags 0, idx 2, ring 4 .., avail_event 4+8*size  device writes
 * </pre>
 */
public final class SplitRing {
  private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
  private static final int NO_INTERRUPT = 1;
  private static final short NO_NOTIFY = 1;
  private static final int MAX_SIZE = 32768;

  private static final AtomicInteger IDS = new AtomicInteger();

  /** Tells rings apart. */
  final int id = IDS.incrementAndGet();

  final int size;
  final GuestMemory memory;
  final MemorySegment descriptors;
  final boolean indirectAllowed;
  private final MemorySegment avail;
  private final MemorySegment used;
  private final boolean eventIndex;
  private final int mask;

  /**
   * The next position of the avail ring to take; and the last known avail.idx. Both modulo 2^16.
   */
  private int next;

  private int availableIndex;

  /** The next position of the used ring to fill; what is published; what a call has told of. */
  private int filled;

  private int published;
  private int announced;

  /** What an earlier back-end had taken and not completed: served before all else; or null. */
  private final InflightQueue inflight;

  private int[] again;
  private final int againFrom;

  private String broken;

  /**
   * Where a ring lies and where it goes on.
   *
   * @param size number of descriptors
   * @param base the position to go on from, in both rings
   * @param descriptors user address of the descriptor table
   * @param avail user address of the avail ring
   * @param used user address of the used ring
   */
  public record Layout(int size, int base, long descriptors, long avail, long used) {}

  /** Takes hold of the three areas of a ring whose front-end keeps no in-flight file. */
  public SplitRing(Layout layout, GuestMemory memory, long features) throws BadRingException {
    this(layout, memory, features, null);
  }

  /**
   * Takes hold of the three areas.
   *
   * @param inflight the ring's part of the in-flight file, or null. If a back-end has used it
   *     before, the ring goes on from its used index, whatever the layout's base
   * @throws BadRingException if they are not what the specification asks for
   */
  public SplitRing(Layout layout, GuestMemory memory, long features, InflightQueue inflight)
      throws BadRingException {
    size = layout.size();
    if (size <= 0 || size > MAX_SIZE || Integer.bitCount(size) != 1) {
      throw new BadRingException("ring size " + size + " is not a power of two up to " + MAX_SIZE);
    }
    this.memory = memory;
    mask = size - 1;
    indirectAllowed = (features & VirtioNet.INDIRECT_DESC) != 0;
    eventIndex = (features & VirtioNet.EVENT_IDX) != 0;
    int event = eventIndex ? 2 : 0;
    descriptors = area("descriptor table", layout.descriptors(), 16L * size, 16);
    avail = area("avail ring", layout.avail(), 4 + 2L * size + event, 2);
    used = area("used ring", layout.used(), 4 + 8L * size + event, 4);
    this.inflight = inflight;
    boolean resumed = inflight != null && inflight.wasUsed();
    next = (resumed ? (short) SHORT.getAcquire(used, 2L) : layout.base()) & 0xffff;
    again = inflight == null ? null : inflight.open(size, next);
    againFrom = next;
    availableIndex = next;
    filled = next;
    published = next;
    announced = next;
  }

  private MemorySegment area(String name, long userAddress, long bytes, int alignment)
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
   * How many chains can be taken; looks at guest memory only if fewer than {@code wanted} are
   * known.
   */
  int available(int wanted) {
    if (broken != null) {
      return 0;
    }
    int known = (availableIndex - next) & 0xffff;
    return known >= wanted ? known : lookForMore();
  }

  private int lookForMore() {
    availableIndex = (short) SHORT.getAcquire(avail, 2L) & 0xffff;
    int known = (availableIndex - next) & 0xffff;
    if (known > size) {
      markBroken("the available index is ahead by " + known + " in a ring of " + size);
      return 0;
    }
    return known;
  }

  /**
   * The head of the chain {@code ahead} places beyond the next one, or -1 if it is out of range,
   * which breaks the ring.
   */
  int head(int ahead) {
    int head = again == null ? availableHead(ahead) : headAgain(ahead);
    if (head >= size) {
      markBroken("descriptor " + head + " in a ring of " + size);
      return -1;
    }
    return head;
  }

  /** The address in descriptor {@code head}, which is in range; nothing is checked. */
  long address(int head) {
    return descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) head << 4);
  }

  /** The rest of that descriptor: the length in the low half, {@link #flags} and next above. */
  long lengthAndFlags(int head) {
    return descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, ((long) head << 4) + 8);
  }

  /** The flags in what {@link #lengthAndFlags} gives. */
  static int flags(long lengthAndFlags) {
    return (int) (lengthAndFlags >>> 32) & 0xffff;
  }

  private int availableHead(int ahead) {
    return avail.get(ValueLayout.JAVA_SHORT, 4 + 2L * ((next + ahead) & mask)) & 0xffff;
  }

  /**
   * The chains to be served again stand in front of the new ones. Positions need no correction: an
   * earlier back-end took as many chains from the avail ring as it completed and left in flight.
   */
  private int headAgain(int ahead) {
    int place = (next + ahead - againFrom) & 0xffff;
    return place < again.length ? again[place] : availableHead(ahead);
  }

  /** Goes on by so many chains; a negative number goes back. */
  void advance(int chains) {
    next = (next + chains) & 0xffff;
  }

  /** Fills the next place of the used ring; not published yet. */
  void complete(int head, int bytesWritten) {
    used.set(
        ValueLayout.JAVA_LONG_UNALIGNED,
        4 + 8L * (filled & mask),
        (long) bytesWritten << 32 | head);
    filled = (filled + 1) & 0xffff;
  }

  /**
   * Shows the driver all that was completed: one release-store. Returns false if there was nothing.
   */
  public boolean publish() {
    if (published == filled) {
      return false;
    }
    if (inflight == null) {
      SHORT.setRelease(used, 2L, (short) filled);
    } else {
      publishInflight();
    }
    published = filled;
    return true;
  }

  /**
   * As the specification's "Inflight I/O tracking" asks: batch, used index, marks, in this order.
   */
  private void publishInflight() {
    int from = 0;
    int repeated = 0;
    if (again != null) {
      from = (published - againFrom) & 0xffff;
      repeated = Math.min((filled - published) & 0xffff, again.length - from);
    }
    inflight.beginBatch(again, from, repeated);
    SHORT.setRelease(used, 2L, (short) filled);
    inflight.endBatch(again, from, repeated, filled);
    if (again != null && from + repeated == again.length) {
      again = null;
    }
  }

  /**
   * Whether the driver wants a call for what was published since the last time. A full fence must
   * lie between {@link #publish} and this.
   */
  public boolean wantsCall() {
    int from = announced;
    int to = published;
    if (from == to) {
      return false;
    }
    announced = to;
    if (eventIndex) {
      int event = avail.get(ValueLayout.JAVA_SHORT, 4 + 2L * size) & 0xffff;
      return ((to - event - 1) & 0xffff) < ((to - from) & 0xffff);
    }
    return (avail.get(ValueLayout.JAVA_SHORT, 0L) & NO_INTERRUPT) == 0;
  }

  /**
   * Asks for a kick when there are more chains than the last look at the ring has shown.
   *
   * @return whether more have come already, in which case the kick may not
   */
  public boolean armKick() {
    if (eventIndex) {
      SHORT.setOpaque(used, 4 + 8L * size, (short) availableIndex);
    } else {
      SHORT.setOpaque(used, 0L, (short) 0);
    }
    VarHandle.fullFence();
    return ((short) SHORT.getAcquire(avail, 2L) & 0xffff) != availableIndex;
  }

  /**
   * Asks for no kicks, as far as possible. By index there is no "never": the event stays where it
   * is, behind us, and comes round once in 65,536 chains.
   */
  public void disarmKick() {
    if (!eventIndex) {
      SHORT.setOpaque(used, 0L, NO_NOTIFY);
    }
  }

  /** After a failure: goes on at a position, in both rings. */
  void resumeAt(int position) {
    next = position & 0xffff;
    filled = next;
  }

  /** After a failure of its memory: nothing is left to be shown. */
  void forget() {
    published = filled;
    announced = filled;
  }

  /** The next place of the used ring to fill. */
  int filled() {
    return filled;
  }

  /** Whether the three areas can be read at this moment; asks the kernel, cold. */
  public boolean isAccessible() {
    return Mapping.isAccessible(descriptors.address(), descriptors.byteSize())
        && Mapping.isAccessible(avail.address(), avail.byteSize())
        && Mapping.isAccessible(used.address(), used.byteSize())
        && (inflight == null || inflight.isAccessible());
  }

  /** Where to go on after a stop: everything before it is completed and published. */
  public int position() {
    return next;
  }

  void markBroken(String reason) {
    if (broken == null) {
      broken = reason;
    }
  }

  /** Why the ring can't be used any more, or null. */
  public String broken() {
    return broken;
  }
}
