package dev.outboard.engine.virtqueue;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.linux.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A virtqueue in the packed layout (virtio 1.2, section 2.8): one ring of descriptors, which the
 * driver makes available and the device makes used in the same place, and two words by which either
 * side says when it wants to be woken.
 *
 * <pre>
 *   descriptor    0        8      12     14      16
 *                 | address | len  | id   | flags |    available: bit 7 is the wrap counter, 15 is not
 *                                                      used: both are
 *   driver event  offset and wrap 0, flags 2           driver writes: when it wants a call
 *   device event  the same                             device writes: when it wants a kick
 * </pre>
 *
 * <p>Theory of operation. A position is a number from 0 to twice the size: in the first half the
 * wrap counter is 1, in the second 0. The look for new chains reads the flags of each descriptor
 * once, the first ones with acquire, and notes where each chain starts, how many descriptors it
 * has, and its id; what a driver writes there afterwards can't move the chains behind it. The rest
 * of a descriptor is read once, when its chain is.
 *
 * <p>A used descriptor takes the place of the first one of its chain, so nothing is written there
 * before it is final: until {@link #publish}, chains can be given back, and a process that is
 * killed leaves them available. Then those behind the first are written, and at last the first,
 * with release: the driver, which goes from one to the next, sees all of them or none. The others
 * of a chain, at which no driver looks, are marked as the device's own, too: {@link PackedTrace}.
 */
final class PackedRing extends Virtqueue {
  static final int NEXT = 1;
  static final int WRITE = 2;

  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int MAX_SIZE = 32768;

  static final int AVAILABLE = 1 << 7;
  static final int USED = 1 << 15;

  /** Flags that say nothing of laps or chains. */
  private static final int OF_BUFFER = 0xffff & ~(NEXT | AVAILABLE | USED);

  /** Flags of the events. */
  private static final int ALWAYS = 0;

  private static final int NEVER = 1;
  private static final int AT_POSITION = 2;
  private static final int WRAP = 1 << 15;

  /** The position in a ring that was not used yet. */
  static final int BEGINNING = WRAP;

  private final MemorySegment driverEvent;
  private final MemorySegment deviceEvent;

  /** What is known of a chain: start (16 bits), number of descriptors (16), id (16). */
  private final long[] chains;

  private final int[] written;
  private final int mask;

  /**
   * How many chains were seen, taken, completed, and shown to the driver, in free-running counts.
   */
  private int seen;

  private int taken;
  private int filled;
  private int published;

  /** Positions: the first that is not known to be available; what is shown, and was called for. */
  private int seenEnd;

  private int publishedEnd;
  private int announcedEnd;

  PackedRing(Layout layout, GuestMemory memory, long features) throws BadRingException {
    super(checked(layout), memory, features);
    driverEvent = area("driver's event area", layout.avail(), 4, 4);
    deviceEvent = area("device's event area", layout.used(), 4, 4);
    int places = size == 1 ? 1 : Integer.highestOneBit(size - 1) << 1;
    chains = new long[places];
    written = new int[places];
    mask = places - 1;
    // The upper half of the base is the used position, which is the same one, or not told.
    int slot = layout.base() & ~WRAP & 0xffff;
    if (slot >= size) {
      throw new BadRingException("position " + slot + " in a ring of " + size);
    }
    int told = (layout.base() & WRAP) != 0 ? slot : slot + size;
    seenEnd = new PackedTrace(descriptors, size).resume(told);
    publishedEnd = seenEnd;
    announcedEnd = seenEnd;
  }

  private static Layout checked(Layout layout) throws BadRingException {
    int size = layout.size();
    if (size <= 0 || size > MAX_SIZE) {
      throw new BadRingException("ring size " + size + " is not from 1 to " + MAX_SIZE);
    }
    return layout;
  }

  @Override
  int available(int wanted) {
    if (broken() != null) {
      return 0;
    }
    int known = seen - taken;
    return known >= wanted ? known : lookForMore(wanted);
  }

  private int lookForMore(int wanted) {
    int known = seen - taken;
    while (known < wanted && lookForOne()) {
      known++;
    }
    return broken() == null ? known : 0;
  }

  /** Whether there is one more chain; it is complete when its first descriptor is available. */
  private boolean lookForOne() {
    int start = seenEnd;
    int slot = slot(start);
    // The driver can't have made more available than there is: what we have is not its own.
    int room = room();
    int flags = flagsIfAvailable(start);
    if (room == 0 || flags < 0) {
      return false;
    }
    int count = 1;
    while ((flags & NEXT) != 0) {
      if (count == room) {
        markBroken("a chain goes on beyond the descriptors of a ring of " + size);
        return false;
      }
      slot = slot + 1 == size ? 0 : slot + 1;
      flags = GuestWords.get(descriptors, ((long) slot << 4) + 14);
      count++;
    }
    long id = GuestWords.get(descriptors, ((long) slot << 4) + 12);
    chains[seen & mask] = id << 32 | (long) count << 16 | start;
    seenEnd = behind(start, count);
    seen++;
    return true;
  }

  /** How many descriptors are not in our hands. */
  private int room() {
    int have = seenEnd - publishedEnd;
    return size - (have < 0 ? have + 2 * size : have);
  }

  /** The flags of the descriptor at a position, or -1 if it is not available. */
  private int flagsIfAvailable(int position) {
    long at = ((long) slot(position) << 4) + 14;
    int flags = GuestWords.getAcquire(descriptors, at);
    return (flags & (AVAILABLE | USED)) == (wraps(position) ? AVAILABLE : USED) ? flags : -1;
  }

  private int slot(int position) {
    return position < size ? position : position - size;
  }

  /** The wrap counter at a position. */
  private boolean wraps(int position) {
    return position < size;
  }

  /** What makes the descriptor at a position a used one. */
  private int usedFlags(int position) {
    return wraps(position) ? AVAILABLE | USED : 0;
  }

  private int behind(int position, int count) {
    int next = position + count;
    return next < 2 * size ? next : next - 2 * size;
  }

  /** Where the chain with this number starts, or will start. */
  private int startOf(int chain) {
    return chain == seen ? seenEnd : (int) chains[chain & mask] & 0xffff;
  }

  /** As the specification writes positions. */
  private int offsetAndWrap(int position) {
    return wraps(position) ? position | WRAP : position - size;
  }

  /** The place in {@link #chains}. */
  @Override
  int head(int ahead) {
    return (taken + ahead) & mask;
  }

  /** The number of the first descriptor of a chain. */
  int firstSlot(int head) {
    return slot((int) chains[head] & 0xffff);
  }

  /** How many descriptors of the ring it has. */
  int slots(int head) {
    return (int) chains[head] >>> 16;
  }

  @Override
  long address(int head) {
    return descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) firstSlot(head) << 4);
  }

  /** Whether the chain goes on is known already. */
  @Override
  long lengthAndFlags(int head) {
    long word = descriptors.get(ValueLayout.JAVA_LONG_UNALIGNED, ((long) firstSlot(head) << 4) + 8);
    long flags = (word >>> 48 & OF_BUFFER) | (slots(head) == 1 ? 0 : NEXT);
    return flags << 32 | (word & 0xffff_ffffL);
  }

  @Override
  void advance(int count) {
    taken += count;
  }

  @Override
  void complete(int head, int bytesWritten) {
    written[head] = bytesWritten;
    filled++;
  }

  @Override
  void complete(int[] heads, int[] bytesWritten, int count) {
    for (int i = 0; i < count; i++) {
      written[heads[i]] = bytesWritten[i];
    }
    filled += count;
  }

  @Override
  public boolean publish() {
    int first = published;
    int end = filled;
    if (first == end) {
      return false;
    }
    markRest(first & mask);
    for (int chain = first + 1; chain != end; chain++) {
      int head = chain & mask;
      markRest(head);
      descriptors.set(ValueLayout.JAVA_LONG, ((long) firstSlot(head) << 4) + 8, usedWord(head));
    }
    int head = first & mask;
    LONG.setRelease(descriptors, ((long) firstSlot(head) << 4) + 8, usedWord(head));
    published = end;
    publishedEnd = startOf(end);
    return true;
  }

  /** Leaves the device's trace in the descriptors behind the first one of a chain. */
  private void markRest(int head) {
    int start = (int) chains[head] & 0xffff;
    int count = slots(head);
    for (int i = 1; i < count; i++) {
      int position = behind(start, i);
      int flags = usedFlags(position) | (i < count - 1 ? NEXT : 0);
      descriptors.set(ValueLayout.JAVA_SHORT, ((long) slot(position) << 4) + 14, (short) flags);
    }
  }

  /** Length, id and flags of a used descriptor, in one word: it is never half written. */
  private long usedWord(int head) {
    int bytes = written[head];
    long flags = usedFlags((int) chains[head] & 0xffff);
    return (flags | (bytes == 0 ? 0 : WRITE)) << 48 | chains[head] >>> 32 << 32 | bytes;
  }

  @Override
  public boolean wantsCall() {
    int from = announcedEnd;
    int to = publishedEnd;
    if (from == to) {
      return false;
    }
    announcedEnd = to;
    int event = (int) INT.getAcquire(driverEvent, 0L);
    int when = event >>> 16;
    if (when != AT_POSITION || !eventIndex) {
      return when != NEVER;
    }
    int position = event & ~WRAP & 0xffff;
    if ((event & WRAP) == 0) {
      position += size;
    }
    return distance(from, position) < distance(from, to);
  }

  private int distance(int from, int to) {
    int distance = to - from;
    return distance < 0 ? distance + 2 * size : distance;
  }

  @Override
  public boolean armKick() {
    int event = eventIndex ? AT_POSITION << 16 | offsetAndWrap(seenEnd) : ALWAYS << 16;
    INT.setOpaque(deviceEvent, 0L, event);
    VarHandle.fullFence();
    return room() > 0 && flagsIfAvailable(seenEnd) >= 0;
  }

  @Override
  public void disarmKick() {
    INT.setOpaque(deviceEvent, 0L, NEVER << 16);
  }

  @Override
  int taken() {
    return taken;
  }

  @Override
  int filled() {
    return filled;
  }

  @Override
  void resumeAt(int count) {
    taken = count;
    filled = count;
  }

  @Override
  void forget() {
    published = filled;
    publishedEnd = startOf(filled);
    announcedEnd = publishedEnd;
  }

  @Override
  public boolean isAccessible() {
    return Mapping.isAccessible(descriptors.address(), descriptors.byteSize())
        && Mapping.isAccessible(driverEvent.address(), driverEvent.byteSize())
        && Mapping.isAccessible(deviceEvent.address(), deviceEvent.byteSize());
  }

  /** Both halves alike: the next chain to take, and the next to complete. */
  @Override
  public int position() {
    int position = offsetAndWrap(startOf(taken));
    return position << 16 | position;
  }
}
