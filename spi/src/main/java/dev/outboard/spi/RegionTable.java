package dev.outboard.spi;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Memory that frames may lie in, by small number: guests' memory, workers' private headers,
 * transports' buffers.
 *
 * <p>Written by any thread under a lock; read without one. A reader sees a region that was added
 * before the command or ring that told it of the number; a number is given out again only after
 * every worker has passed a quiescent point since {@link #remove}.
 */
public final class RegionTable {
  private volatile MemorySegment[] segments = new MemorySegment[64];
  private int[] free = new int[64];
  private int freeCount;
  private int next;

  /** Adds a region and returns its number. */
  public synchronized int add(MemorySegment segment) {
    int id;
    if (freeCount > 0) {
      id = free[--freeCount];
    } else {
      id = next++;
      if (id == segments.length) {
        segments = Arrays.copyOf(segments, id * 2);
      }
    }
    segments[id] = segment;
    return id;
  }

  /**
   * Removes a region. The caller makes sure that no frame refers to it any more: a transport
   * removes its own in {@link FramePort#close} or {@link Transport#close}, when no worker has the
   * port.
   */
  public synchronized void remove(int id) {
    if (segments[id] == null) {
      throw new IllegalStateException("region " + id + " is not in the table");
    }
    segments[id] = null;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = id;
  }

  /** The table as it is now; a burst takes it once and looks its regions up there. */
  MemorySegment[] snapshot() {
    return segments;
  }
}
