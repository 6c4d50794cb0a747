package dev.outboard.packet.peers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * From an IP address and a network's number to a number above 0: who may send, which neighbour this
 * is. The control thread changes it; workers look into it meanwhile, without a lock.
 *
 * <p>Theory of operation. Open addressing in plain arrays. A slot's key is written once, then its
 * value with release; a reader reads the value with acquire first, so it never sees half a key. A
 * removed entry keeps its slot and key (its value says that it is gone), until the table is made
 * anew at twice what is in it. At most half of the slots are taken, so a search is short however
 * many peers there are, and nobody but the user adds any.
 */
public final class PeerTable {
  /** There is no such entry. */
  public static final int NONE = 0;

  private static final int GONE = -1;
  private static final int FEWEST = 64;
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;
  private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(int[].class);

  private static final class Slots {
    final int mask;
    final long[] high;
    final long[] low;
    final int[] network;
    final int[] value;

    Slots(int size) {
      mask = size - 1;
      high = new long[size];
      low = new long[size];
      network = new int[size];
      value = new int[size];
    }

    int first(long addressHigh, long addressLow, int vni) {
      long mix = (addressHigh * MULTIPLIER + addressLow) * MULTIPLIER + vni;
      mix *= MULTIPLIER;
      return (int) (mix >>> 32) & mask;
    }

    boolean is(int slot, long addressHigh, long addressLow, int vni) {
      return low[slot] == addressLow && network[slot] == vni && high[slot] == addressHigh;
    }
  }

  private volatile Slots slots = new Slots(FEWEST);

  /** Slots that are not free: those of entries, and of entries that are gone. */
  private int taken;

  private int entries;

  /** Nothing in it yet. */
  public PeerTable() {}

  /** The value of an entry, or NONE. Hot; any thread. */
  public int find(long high, long low, int network) {
    Slots all = slots;
    int slot = all.first(high, low, network);
    int value;
    while ((value = (int) VALUE.getAcquire(all.value, slot)) != NONE) {
      if (all.is(slot, high, low, network)) {
        return Math.max(value, NONE);
      }
      slot = slot + 1 & all.mask;
    }
    return NONE;
  }

  /** Adds an entry, or changes its value, which is above NONE. Control thread. */
  public void put(long high, long low, int network, int value) {
    Slots all = slots;
    if ((taken + 1) * 2 > all.value.length) {
      all = rebuild(all);
    }
    if (add(all, high, low, network, value)) {
      entries++;
    }
  }

  /** Whether an entry was added, not only changed. */
  private boolean add(Slots all, long high, long low, int network, int value) {
    int slot = all.first(high, low, network);
    while (all.value[slot] != NONE) {
      if (all.is(slot, high, low, network)) {
        boolean wasGone = all.value[slot] == GONE;
        VALUE.setRelease(all.value, slot, value);
        return wasGone;
      }
      slot = slot + 1 & all.mask;
    }
    all.high[slot] = high;
    all.low[slot] = low;
    all.network[slot] = network;
    VALUE.setRelease(all.value, slot, value);
    taken++;
    return true;
  }

  private Slots rebuild(Slots old) {
    int size = FEWEST;
    while (size < (entries + 1) * 4) {
      size *= 2;
    }
    Slots all = new Slots(size);
    taken = 0;
    for (int i = 0; i < old.value.length; i++) {
      if (old.value[i] > NONE) {
        boolean _ = add(all, old.high[i], old.low[i], old.network[i], old.value[i]);
      }
    }
    slots = all;
    return all;
  }

  /** Removes an entry, if it is there. Control thread. */
  public void remove(long high, long low, int network) {
    Slots all = slots;
    int slot = all.first(high, low, network);
    while (all.value[slot] != NONE) {
      if (all.is(slot, high, low, network)) {
        entries -= all.value[slot] > NONE ? 1 : 0;
        VALUE.setRelease(all.value, slot, GONE);
        return;
      }
      slot = slot + 1 & all.mask;
    }
  }
}
