package dev.outboard.engine.forwarding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A hash table from (domain, address) to who has it, of fixed size: written by the control thread
 * while workers read, without locks, and with no step that grows with the number of entries.
 *
 * <p>Theory of operation. Open addressing with linear probing. A slot holds one reference to an
 * immutable entry, so a reader sees an old entry or a new one, never a mixture. A removed entry
 * leaves a tombstone, which keeps longer probes together; tombstones at the end of a probe are
 * cleared at once, so they don't pile up. The table is at least twice as large as what it may hold.
 *
 * @param <V> who has the address
 */
public final class AddressTable<V> {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Entry[].class);
  private static final Entry TOMBSTONE = new Entry(-1, 0, 0, null);

  private final Entry[] slots;
  private final int mask;
  private final int capacity;
  private int size;

  private record Entry(int domain, long high, long low, Object value) {
    boolean isFor(int otherDomain, long otherHigh, long otherLow) {
      return low == otherLow && high == otherHigh && domain == otherDomain && value != null;
    }

    boolean isTombstone() {
      return value == null;
    }
  }

  /** A table for so many entries. */
  public AddressTable(int capacity) {
    this.capacity = capacity;
    slots = new Entry[Integer.highestOneBit(Math.max(8, capacity) * 2 - 1) * 2];
    mask = slots.length - 1;
  }

  private static int hash(int domain, long high, long low) {
    long mixed = (low ^ Long.rotateLeft(high, 29) ^ (long) domain << 40) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32);
  }

  private Entry slot(int i) {
    return (Entry) SLOT.getAcquire(slots, i);
  }

  /** Who has an address, or null. Any thread. */
  @SuppressWarnings("unchecked")
  public V find(int domain, long high, long low) {
    int i = hash(domain, high, low) & mask;
    for (Entry entry = slot(i); entry != null; entry = slot(i)) {
      if (entry.isFor(domain, high, low)) {
        return (V) entry.value;
      }
      i = (i + 1) & mask;
    }
    return null;
  }

  /**
   * Adds an address; the control thread.
   *
   * @return false if somebody has it already, or the table is full
   */
  public boolean add(int domain, long high, long low, V value) {
    if (size == capacity || find(domain, high, low) != null) {
      return false;
    }
    int i = hash(domain, high, low) & mask;
    while (slots[i] != null && !slots[i].isTombstone()) {
      i = (i + 1) & mask;
    }
    SLOT.setRelease(slots, i, new Entry(domain, high, low, value));
    size++;
    return true;
  }

  /** Removes an address; the control thread. */
  public void remove(int domain, long high, long low) {
    int i = hash(domain, high, low) & mask;
    while (slots[i] != null && !slots[i].isFor(domain, high, low)) {
      i = (i + 1) & mask;
    }
    if (slots[i] == null) {
      return;
    }
    SLOT.setRelease(slots, i, TOMBSTONE);
    size--;
    if (slots[(i + 1) & mask] == null) {
      while (slots[i] != null && slots[i].isTombstone()) {
        SLOT.setRelease(slots, i, null);
        i = (i - 1) & mask;
      }
    }
  }
}
