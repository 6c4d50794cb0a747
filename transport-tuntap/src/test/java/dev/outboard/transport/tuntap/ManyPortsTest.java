package dev.outboard.transport.tuntap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.FramePort;
import dev.outboard.spi.TransportException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** As many ports as a bridge takes, and one more. */
class ManyPortsTest {
  private static final int MOST = 1023;

  @Test
  void theBridgeFillsUpAtTheSameCostForEachAndSaysSo() throws Exception {
    TestHost.run(
        host -> {
          List<FramePort> ports = new ArrayList<>();
          long[] nanos = new long[MOST];
          for (int i = 0; i < MOST; i++) {
            long start = System.nanoTime();
            ports.add(host.transport.openPort(host.spec(i, 7, "a", 1500)));
            nanos[i] = System.nanoTime() - start;
          }
          TransportException e =
              assertThrows(
                  TransportException.class,
                  () -> host.transport.openPort(host.spec(MOST, 7, "a", 1500)));
          assertEquals(
              "uplink lan: no port for guest guest-1023: the bridge of network 7, tenant a is full:"
                  + " a Linux bridge has at most 1,023 ports; use another network or transport for"
                  + " further guests",
              e.getMessage());
          host.transport.openPort(host.spec(MOST, 8, "a", 1500)).close();
          ports.removeLast().close();
          ports.add(host.transport.openPort(host.spec(MOST, 7, "a", 1500)));
          long early = median(Arrays.copyOfRange(nanos, 100, 300));
          long late = median(Arrays.copyOfRange(nanos, MOST - 200, MOST));
          System.out.printf(
              "attach: median %d us for ports 100-300, %d us for the last 200%n",
              early / 1000, late / 1000);
          // The kernel itself walks over a bridge's ports a few times, a microsecond or so for
          // each hundred; a step of ours for each port would show as a multiple.
          assertTrue(late < 4 * early, early + " ns, then " + late + " ns");
          long start = System.nanoTime();
          ports.forEach(FramePort::close);
          host.transport.close();
          host.transport = null;
          System.out.printf("detach and close: %d ms%n", (System.nanoTime() - start) / 1_000_000);
        },
        "pool.max",
        "2000");
  }

  private static long median(long[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
