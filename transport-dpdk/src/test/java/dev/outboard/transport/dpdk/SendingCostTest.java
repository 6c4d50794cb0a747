package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Links;
import dev.outboard.linux.Mapping;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import dev.outboard.spi.Availability;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Region;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * What a frame costs that is copied, and one whose payload is sent from where it lies: frames for a
 * second of processor time, in turns. With {@code -Doutboard.cost.millis=} for each turn the
 * figures of docs/dpdk.md; without, it is only seen that both work.
 */
class SendingCostTest {
  private static final int MILLIS = Integer.getInteger("outboard.cost.millis", 20);
  private static final int TURNS = 11;
  private static final int WARM_UP = 8;
  private static final int BURST = 32;
  private static final int NETWORK = 7;
  private static final int HEADERS = 128;

  /** More than a processor's nearest cache has. */
  private static final int SLOTS = 1024;

  private static final int SLOT = 16_384;

  private static void dpdkIsThere() {
    Availability availability = new DpdkProvider().probe();
    assumeTrue(availability.usable(), availability.reason() + "; " + availability.remedy());
  }

  @Test
  void ofADeviceThatDoesNotTouchThem() throws Exception {
    dpdkIsThere();
    for (int length : new int[] {640, 1_514, 9_014}) {
      compare("net_null", "", length);
    }
  }

  @Test
  void ofADriverThatCopiesThemToTheKernel() throws Exception {
    dpdkIsThere();
    assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Thread thread = new Thread(this::overVeth);
    Throwable[] thrown = new Throwable[1];
    thread.setUncaughtExceptionHandler((_, e) -> thrown[0] = e);
    thread.start();
    thread.join();
    if (thrown[0] != null) {
      throw new AssertionError(thrown[0]);
    }
  }

  private void overVeth() {
    try {
      Namespaces.unshareNetwork();
      Commands.run("ip", "link", "add", "left", "type", "veth", "peer", "name", "right");
      for (String device : new String[] {"left", "right"}) {
        Links.keepHostOff(device);
        Links.setUp(device);
      }
      compare("net_af_packet", ",iface=left", 1_514);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void compare(String driver, String arguments, int length) throws Exception {
    String mtu = "mtu=" + Math.max(1_500, length - 14);
    try (Load copied = new Load(driver + "0" + arguments, mtu, "off", length);
        Load lent = new Load(driver + "1" + arguments, mtu, "on", length)) {
      double[] ratios = new double[TURNS];
      double[] with = new double[TURNS];
      double[] without = new double[TURNS];
      for (int turn = -WARM_UP; turn < TURNS; turn++) {
        double one = copied.framesASecond();
        double other = lent.framesASecond();
        if (turn >= 0) {
          with[turn] = one;
          without[turn] = other;
          ratios[turn] = other / one;
        }
      }
      System.out.printf(
          "%s, frames of %d bytes: %.2f million a second of processor copied, %.2f lent: %.2f times"
              + " (%.2f to %.2f)%n",
          driver,
          length,
          median(with) / 1e6,
          median(without) / 1e6,
          median(ratios),
          ratios[0],
          ratios[TURNS - 1]);
    }
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** An uplink with bursts to send, each time of other memory. */
  private static final class Load implements AutoCloseable {
    private final TestHost host;
    private final FrameBurst burst;
    private final int hop;
    private final int length;
    private final int headerRegion;
    private final int payloadRegion;
    private final long[] tokens = new long[BURST];
    private int slot;

    Load(String device, String mtu, String zeroCopy, int length) throws Exception {
      this.length = length;
      host = TestHost.open("device=" + device, mtu, "zero-copy=" + zeroCopy, "untagged=" + NETWORK);
      RegionTable regions = host.regions();
      MemorySegment payload =
          Arena.ofAuto().allocate((long) SLOTS * SLOT, Mapping.pageSize()).fill((byte) 1);
      headerRegion = regions.add(Arena.ofAuto().allocate((long) BURST * HEADERS));
      payloadRegion = regions.add(payload);
      burst = new FrameBurst(regions, BURST, 2 * BURST);
      host.transport.memoryAdded(new Region(payloadRegion, payload, Mapping.pageSize()));
      hop = host.transport.openPeer(NETWORK, Vlans.WIRE).number();
      host.bind();
    }

    double framesASecond() {
      var threads = ManagementFactory.getThreadMXBean();
      long begin = threads.getCurrentThreadCpuTime();
      long end = System.nanoTime() + MILLIS * 1_000_000L;
      long frames = 0;
      while (System.nanoTime() < end) {
        frames += send();
      }
      assertTrue(frames > 0, "no frame is taken");
      return frames * 1e9 / (threads.getCurrentThreadCpuTime() - begin);
    }

    private int send() {
      burst.clear();
      for (int i = 0; i < BURST; i++) {
        burst.addFragment(headerRegion, (long) i * HEADERS, HEADERS);
        burst.addFragment(payloadRegion, (long) slot * SLOT, length - HEADERS);
        slot = (slot + 1) % SLOTS;
        burst.endFrame(NETWORK, length, 0, 0);
        burst.setRoute(i, hop, 0);
        burst.setToken(i, 1);
      }
      int sent = host.port.transmit(burst, 0, BURST);
      for (int holds = burst.takeHolds(); holds > 0; ) {
        holds -= host.port.reclaim(tokens, BURST);
      }
      return sent;
    }

    @Override
    public void close() {
      host.close();
    }
  }
}
