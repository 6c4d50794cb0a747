package dev.outboard.transport.dpdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.testing.LongTier;
import java.io.PrintWriter;
import java.util.List;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * The conformance kit over devices that {@code ./check} tries with other settings: with payload
 * copied, and lent, on one each.
 */
class MoreKitsTest {
  @LongTier("dpdk-kits")
  void eachDeviceKeepsEachRuleWithPayloadCopiedAndLent() {
    for (Class<?> kit :
        List.of(
            TapKitTest.Copied.class,
            KernelDeviceKitTest.ByAfPacket.class,
            KernelDeviceKitTest.ByAfPacketWithoutACopyOfOurs.class)) {
      TestExecutionSummary summary = KitRun.of(kit);
      summary.printFailuresTo(new PrintWriter(System.out, true, UTF_8), 1);
      assertTrue(summary.getTestsFoundCount() > 0, kit + " has no rule");
      assertEquals(summary.getTestsFoundCount(), summary.getTestsSucceededCount(), kit.toString());
    }
  }
}
