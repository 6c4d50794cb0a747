package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.linux.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A virtqueue in the split layout (virtio 1.2, section 2.7): its three areas as the device sees
 * them, and the positions in them.
 *
 * <pre>
 *   descriptors  size x 16 bytes                                  driver writes
 *   avail        flags 0, idx 2, ring 4 .., used_event  4+2*size  driver writes
 *   used         flags 0, idx 2, ring 4 .., avail_event 4+8*size  device writes
 * </pre>
 */
public final class SplitRing extends Virtqueue {
  private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
  private static final int NO_INTERRUPT = 1;
  private static final short NO_NOTIFY = 1;
  private static final int MAX_SIZE = 32768;

  private final MemorySegment avail;
  private final MemorySegment used;
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
    super(checked(layout), memory, features);
    mask = size - 1;
    int event = eventIndex ? 2 : 0;
    avail = area("avail ring", layout.avail(), 4 + 2L * size + event, 2);
    used = area("used ring", layout.used(), 4 + 8L * size + event, 4);
    this.inflight = inflight;
    boolean resumed = inflight != null && inflight.wasUsed();
    next = (resumed ? GuestWords.getAcquire(used, 2L) : layout.base()) & 0xffff;
    again = inflight == null ? null : inflight.open(size, next);
    againFrom = next;
    availableIndex = next;
    filled = next;
    published = next;
    announced = next;
  }

  private static Layout checked(Layout layout) throws BadRingException {
    int size = layout.size();
    if (size <= 0 || size > MAX_SIZE || Integer.bitCount(size) != 1) {
      throw new BadRingException("ring size " + size + " is not a power of two up to " + MAX_SIZE);
    }
    return layout;
  }

  @Override
  int available(int wanted) {
    if (broken() != null) {
      return 0;
    }
    int known = (availableIndex - next) & 0xffff;
    return known >= wanted ? known : lookForMore();
  }

  private int lookForMore() {
    availableIndex = GuestWords.getAcquire(avail, 2L);
    int known = (availableIndex - next) & 0xffff;
    if (known > size) {
      markBroken("the available index is ahead by " + known + " in a ring of " + size);
      return 0;
    }
    return known;
  }

  @Override
  int head(int ahead) {
    int head = again == null ? availableHead(ahead) : headAgain(ahead);
    if (head >= size) {
      markBroken("descriptor " + head + " in a ring of " + size);
      return -1;
    }
    return head;
  }

  @Override
  long address(int head) {
    return descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) head << 4);
  }

  @Override
  long lengthAndFlags(int head) {
    return descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, ((long) head << 4) + 8);
  }

  @Override
  int readFirst(int chains, int[] heads, long[] addresses, long[] words) {
    if (again != null) {
      return super.readFirst(chains, heads, addresses, words);
    }
    MemorySegment order = avail;
    MemorySegment table = descriptors;
    int most = size;
    int first = next;
    for (int i = 0; i < chains; i++) {
      int head = GuestWords.get(order, 4 + 2L * ((first + i) & (most - 1)));
      if (head >= most) {
        markBroken("descriptor " + head + " in a ring of " + most);
        return i;
      }
      long at = (long) head << 4;
      heads[i] = head;
      addresses[i] = table.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      words[i] = table.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8);
    }
    return chains;
  }

  private int availableHead(int ahead) {
    return GuestWords.get(avail, 4 + 2L * ((next + ahead) & mask));
  }

  /**
   * The chains to be served again stand in front of the new ones. Positions need no correction: an
   * earlier back-end took as many chains from the avail ring as it completed and left in flight.
   */
  private int headAgain(int ahead) {
    int place = (next + ahead - againFrom) & 0xffff;
    return place < again.length ? again[place] : availableHead(ahead);
  }

  @Override
  void advance(int chains) {
    next = (next + chains) & 0xffff;
  }

  /** Fills the next place of the used ring. */
  @Override
  void complete(int head, int bytesWritten) {
    used.set(
        ValueLayout.JAVA_LONG_UNALIGNED,
        4 + 8L * (filled & mask),
        (long) bytesWritten << 32 | head);
    filled = (filled + 1) & 0xffff;
  }

  @Override
  void complete(int[] heads, int[] bytesWritten, int chains) {
    MemorySegment ring = used;
    int first = filled;
    int places = mask;
    for (int i = 0; i < chains; i++) {
      ring.set(
          ValueLayout.JAVA_LONG_UNALIGNED,
          4 + 8L * ((first + i) & places),
          (long) bytesWritten[i] << 32 | heads[i]);
    }
    filled = (first + chains) & 0xffff;
  }

  @Override
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

  @Override
  public boolean wantsCall() {
    int from = announced;
    int to = published;
    if (from == to) {
      return false;
    }
    announced = to;
    if (eventIndex) {
      int event = GuestWords.get(avail, 4 + 2L * size);
      return ((to - event - 1) & 0xffff) < ((to - from) & 0xffff);
    }
    return (GuestWords.get(avail, 0L) & NO_INTERRUPT) == 0;
  }

  @Override
  public boolean armKick() {
    if (eventIndex) {
      SHORT.setOpaque(used, 4 + 8L * size, (short) availableIndex);
    } else {
      SHORT.setOpaque(used, 0L, (short) 0);
    }
    VarHandle.fullFence();
    return GuestWords.getAcquire(avail, 2L) != availableIndex;
  }

  /**
   * By index there is no "never": the event stays where it is, behind us, and comes round once in
   * 65,536 chains.
   */
  @Override
  public void disarmKick() {
    if (!eventIndex) {
      SHORT.setOpaque(used, 0L, NO_NOTIFY);
    }
  }

  @Override
  int taken() {
    return next;
  }

  @Override
  int filled() {
    return filled;
  }

  @Override
  void resumeAt(int chains) {
    next = chains & 0xffff;
    filled = next;
  }

  @Override
  void forget() {
    published = filled;
    announced = filled;
  }

  @Override
  public boolean isAccessible() {
    return Mapping.isAccessible(descriptors.address(), descriptors.byteSize())
        && Mapping.isAccessible(avail.address(), avail.byteSize())
        && Mapping.isAccessible(used.address(), used.byteSize())
        && (inflight == null || inflight.isAccessible());
  }

  @Override
  public int position() {
    return next;
  }
}
