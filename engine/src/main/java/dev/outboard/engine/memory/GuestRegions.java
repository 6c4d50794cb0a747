package dev.outboard.engine.memory;

import dev.outboard.spi.Region;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Transport;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All guests' memory, by number; open transports are told of what comes and goes. Memory that may
 * shrink is kept from them: their native code would end the process by reading it. The control
 * thread.
 */
public final class GuestRegions {
  private final RegionTable table;

  /** Those that can't shrink, by number. */
  private final Map<Integer, Region> sealed = new LinkedHashMap<>();

  private final List<Transport> transports = new ArrayList<>();

  /**
   * No memory yet.
   *
   * @param table where it gets its numbers, among others
   */
  public GuestRegions(RegionTable table) {
    this.table = table;
  }

  /** A transport was opened, and has no port yet. */
  public void opened(Transport transport) {
    transports.add(transport);
    sealed.values().forEach(transport::memoryAdded);
  }

  /** A transport is about to be closed. */
  public void closing(Transport transport) {
    transports.remove(transport);
  }

  /** Memory was mapped; gives its number. */
  int add(MemorySegment memory, boolean isSealed, long pageSize) {
    int number = table.add(memory);
    if (isSealed) {
      Region region = new Region(number, memory, pageSize);
      sealed.put(number, region);
      transports.forEach(transport -> transport.memoryAdded(region));
    }
    return number;
  }

  /** Memory is about to be unmapped: no worker and no port uses it. */
  void remove(int number) {
    Region region = sealed.remove(number);
    if (region != null) {
      transports.forEach(transport -> transport.memoryRemoved(region));
    }
    table.remove(number);
  }
}
