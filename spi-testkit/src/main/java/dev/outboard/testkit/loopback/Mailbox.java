package dev.outboard.testkit.loopback;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Frames that have been sent to a port and wait for it, in memory of the port's: a ring of slots.
 * Any worker puts frames in; the port's worker takes them out, and gives their slots back when it
 * is done with them.
 *
 * <pre>
 *   slots   . . [ taken, not yet given back ] [ waiting ] . . .
 *               given                         taken       put
 * </pre>
 *
 * <p>Theory of operation. One lock for all that is here: it is held for a copy of a frame at most.
 * A sleeping owner is told by its bell, once: whoever puts the first frame in after {@link #arm}
 * rings it. Both look at the ring under the lock, so no frame falls between.
 */
final class Mailbox implements AutoCloseable {
  /** Somebody has to do with a frame: it was put in, there is no room, or nobody is there. */
  enum Answer {
    TAKEN,
    FULL,
    CLOSED
  }

  static final int SLOTS = 64;

  /** A super-frame. */
  static final int SLOT = 65_600;

  private final RegionTable regions;
  private final Runnable bell;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate((long) SLOTS * SLOT, 64);
  private final int region;
  private final int[] length = new int[SLOTS];
  private final int[] network = new int[SLOTS];
  private final String[] origin = new String[SLOTS];
  private final long[] offload = new long[SLOTS];
  private final int[] checksumOffset = new int[SLOTS];
  private long put;
  private long taken;
  private long given;
  private boolean armed;
  private boolean closed;

  Mailbox(RegionTable regions, Runnable bell) {
    this.regions = regions;
    this.bell = bell;
    region = regions.add(memory);
  }

  /** Copies a frame here. Any worker. */
  Answer put(FrameBurst burst, int i, String from) {
    synchronized (this) {
      if (closed) {
        return Answer.CLOSED;
      }
      if (put - given == SLOTS) {
        return Answer.FULL;
      }
      int slot = (int) (put % SLOTS);
      long at = (long) slot * SLOT;
      for (int f = burst.firstFragment(i); f < burst.firstFragment(i + 1); f++) {
        int bytes = burst.fragmentLength(f);
        MemorySegment.copy(burst.segment(f), burst.offset(f), memory, at, bytes);
        at += bytes;
      }
      length[slot] = burst.length(i);
      network[slot] = burst.network(i);
      origin[slot] = from;
      offload[slot] = burst.offload(i);
      checksumOffset[slot] = burst.checksumOffset(i);
      put++;
      if (armed) {
        armed = false;
        bell.run();
      }
    }
    return Answer.TAKEN;
  }

  /** Takes the next frame, or -1: its slot. The owner. */
  synchronized int take() {
    return taken == put ? -1 : (int) (taken++ % SLOTS);
  }

  /** Leaves the frame that was taken last for later. The owner. */
  synchronized void putBack() {
    taken--;
  }

  /** The slots of all frames that were taken may be used again. The owner. */
  synchronized void give() {
    given = taken;
  }

  /** From now on the bell rings for the next frame; false if there are some. The owner. */
  synchronized boolean arm() {
    armed = taken == put;
    return armed;
  }

  /** How many frames wait. */
  synchronized int waiting() {
    return (int) (put - taken);
  }

  int region() {
    return region;
  }

  MemorySegment memory() {
    return memory;
  }

  long at(int slot) {
    return (long) slot * SLOT;
  }

  int length(int slot) {
    return length[slot];
  }

  int network(int slot) {
    return network[slot];
  }

  String origin(int slot) {
    return origin[slot];
  }

  long offload(int slot) {
    return offload[slot];
  }

  int checksumOffset(int slot) {
    return checksumOffset[slot];
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    regions.remove(region);
    arena.close();
  }
}
