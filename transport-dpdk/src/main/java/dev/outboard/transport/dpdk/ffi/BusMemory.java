package dev.outboard.transport.dpdk.ffi;

import static dev.outboard.transport.dpdk.ffi.Native.INT;
import static dev.outboard.transport.dpdk.ffi.Native.POINTER;

import java.lang.invoke.MethodHandle;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory that is not EAL's and that devices on a bus may read, at the addresses that it has here.
 * Known to EAL once, however many devices are shown it. Control threads.
 */
public final class BusMemory {
  private static final MethodHandle REGISTER =
      Native.bind("rte_extmem_register", INT, POINTER, POINTER, POINTER, INT, POINTER);
  private static final MethodHandle UNREGISTER =
      Native.bind("rte_extmem_unregister", INT, POINTER, POINTER);
  private static final MethodHandle MAP =
      Native.bind("rte_dev_dma_map", INT, POINTER, POINTER, POINTER, POINTER);
  private static final MethodHandle UNMAP =
      Native.bind("rte_dev_dma_unmap", INT, POINTER, POINTER, POINTER, POINTER);
  private static final MethodHandle MODE = Native.bind("rte_eal_iova_mode", INT);

  /** {@code RTE_IOVA_VA}. */
  private static final int VIRTUAL = 2;

  /** How many devices see memory, by its address. */
  private static final Map<Long, Integer> USERS = new HashMap<>();

  private BusMemory() {}

  /** Whether devices use the addresses of this process. */
  public static boolean hasVirtualAddresses() {
    try {
      return (int) MODE.invokeExact() == VIRTUAL;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Shows memory to a device; whether that was possible. */
  public static boolean show(Device device, long address, long bytes, long pageSize) {
    synchronized (Eal.LOCK) {
      if (!USERS.containsKey(address) && !register(address, bytes, pageSize)) {
        return false;
      }
      boolean seen = call(MAP, device, address, bytes);
      if (seen) {
        USERS.merge(address, 1, Integer::sum);
      } else if (!USERS.containsKey(address)) {
        unregister(address, bytes);
      }
      return seen;
    }
  }

  /** Undoes {@link #show}. */
  public static void hide(Device device, long address, long bytes) {
    synchronized (Eal.LOCK) {
      boolean _ = call(UNMAP, device, address, bytes);
      if (USERS.merge(address, -1, Integer::sum) == 0) {
        USERS.remove(address);
        unregister(address, bytes);
      }
    }
  }

  private static boolean call(MethodHandle function, Device device, long address, long bytes) {
    try {
      return (int) function.invokeExact(device.busDevice(), address, address, bytes) == 0;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static boolean register(long address, long bytes, long pageSize) {
    try {
      return (int) REGISTER.invokeExact(address, bytes, 0L, 0, pageSize) == 0;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static void unregister(long address, long bytes) {
    try {
      int _ = (int) UNREGISTER.invokeExact(address, bytes);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
