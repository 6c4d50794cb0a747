package dev.outboard.transport.dpdk.ffi;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/**
 * Memory that is not EAL's is made known to it, and forgotten. To map it for a device takes a NIC
 * and an IOMMU.
 */
class BusMemoryTest {
  private static final long PAGE = 4096;
  private static final long BYTES = 16 * PAGE;

  @Test
  void memoryIsKnownOnceUntilItIsForgotten() throws Exception {
    assumeTrue(Dpdk.refusal().isEmpty(), () -> Dpdk.refusal().get().reason());
    Eal.start(new Eal.Options(false, 512, ""));
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(BYTES, PAGE).address();
      assertTrue(BusMemory.register(address, BYTES, PAGE));
      assertFalse(BusMemory.register(address, BYTES, PAGE), "it is known already");
      BusMemory.unregister(address, BYTES);
      assertTrue(BusMemory.register(address, BYTES, PAGE));
      BusMemory.unregister(address, BYTES);
      assertFalse(BusMemory.register(address + 1, BYTES, PAGE), "half a page");
    }
  }
}
