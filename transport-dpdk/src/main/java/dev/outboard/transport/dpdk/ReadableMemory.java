package dev.outboard.transport.dpdk;

import dev.outboard.linux.Mapping;
import dev.outboard.spi.Region;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What of the guests' memory a device may read where it is. The control thread says so before
 * frames lie there and after the last one; workers look.
 */
final class ReadableMemory {
  /** How a device comes to read memory. Control thread. */
  interface Access {
    /** Whether it can read there from now on. */
    boolean open(Region region);

    /** It does not any more. */
    void close(Region region);
  }

  /**
   * A driver that reads by the processor, as we do. Where pages are huge ones it might find none: a
   * VMM may have given some back.
   */
  static final Access BY_PROCESSOR =
      new Access() {
        @Override
        public boolean open(Region region) {
          return region.pageSize() == Mapping.pageSize();
        }

        @Override
        public void close(Region region) {}
      };

  private final Access access;
  private final Map<Integer, Region> open = new HashMap<>();

  /** By number; replaced when it changes. */
  private volatile boolean[] readable = new boolean[0];

  ReadableMemory(Access access) {
    this.access = access;
  }

  /** By their numbers, which of the regions may be read; others may not. Hot. */
  boolean[] readable() {
    return readable;
  }

  /** As {@link dev.outboard.spi.Transport#memoryAdded}. */
  void add(Region region) {
    if (access.open(region)) {
      open.put(region.number(), region);
      set(region, true);
    }
  }

  /** As {@link dev.outboard.spi.Transport#memoryRemoved}. */
  void remove(Region region) {
    if (open.remove(region.number()) != null) {
      set(region, false);
      access.close(region);
    }
  }

  /** The device is about to be closed. */
  void close() {
    List.copyOf(open.values()).forEach(this::remove);
  }

  private void set(Region region, boolean may) {
    boolean[] next = Arrays.copyOf(readable, Math.max(readable.length, region.number() + 1));
    next[region.number()] = may;
    readable = next;
  }
}
