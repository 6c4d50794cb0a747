package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * From where to where EAL's memory reaches: with huge pages the addresses that it has reserved,
 * without them the memory that it has. The only bounds that packets of drivers can have. Needs EAL.
 */
@SuppressWarnings("restricted")
final class EalMemory {
  /** In {@code rte_memseg_list}, which has been the same in all versions. */
  private static final int BASE = 0;

  private static final int LENGTH = 24;
  private static final int LIST_BYTES = 40;

  private static final MemorySegment SPAN = find();

  private EalMemory() {}

  static MemorySegment span() {
    return SPAN;
  }

  /** What DPDK calls back for each list of pages. */
  interface Visitor {
    int visit(long list, long argument);
  }

  private static MemorySegment find() {
    long[] bounds = {-1, 0};
    Visitor visitor =
        (address, _) -> {
          MemorySegment list = Native.at(address, LIST_BYTES);
          long base = list.get(ValueLayout.JAVA_LONG, BASE);
          long length = list.get(ValueLayout.JAVA_LONG, LENGTH);
          if (base != 0 && length != 0) {
            bounds[0] = bounds[0] == -1 ? base : Math.min(bounds[0], base);
            bounds[1] = Math.max(bounds[1], base + length);
          }
          return 0;
        };
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle visit =
          MethodHandles.lookup()
              .bind(visitor, "visit", MethodType.methodType(int.class, long.class, long.class));
      MemorySegment callBack =
          Native.callBack(visit, arena, Native.INT, Native.POINTER, Native.POINTER);
      MethodHandle function =
          Native.bind("rte_memseg_list_walk", Native.INT, Native.POINTER, Native.POINTER);
      int _ = (int) function.invokeExact(callBack.address(), 0L);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    if (bounds[0] == -1) {
      throw new IllegalStateException("EAL has no memory");
    }
    return Native.at(bounds[0], bounds[1] - bounds[0]);
  }
}
