package dev.outboard.guest;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Tap;

/**
 * A stand-in microVM whose VMM owns a TAP: the way of the paper's baseline. Guest and VMM share one
 * thread; where a real guest would kick, the device runs at once, which favours the baseline.
 */
public final class TapGuest implements GuestDevice {
  private static final long RETRY_NANOS = 100_000;
  private static final int ETHERNET = 18;
  private static final int LONGEST_SUPER = 65_535;

  private final VirtioNetDriver driver;
  private final TxQueue tx;
  private final RxQueue rx;
  private final TapVmm vmm;
  private final int tap;
  private final Epoll readable;

  /**
   * Takes over a non-blocking TAP descriptor, and sets its offloads to what the driver wants.
   *
   * @param mtu the longest payload of a frame that is no super-frame
   */
  public TapGuest(String name, GuestOptions options, int tap, int mtu) throws LinuxException {
    this.tap = tap;
    long features = options.features();
    int offload = offload(features);
    Tap.setOffload(tap, offload);
    driver = new VirtioNetDriver(name, options, features);
    tx = driver.tx();
    rx = driver.rx();
    boolean tso = (offload & (Tap.TUN_F_TSO4 | Tap.TUN_F_TSO6)) != 0;
    int longest = VirtioNet.HEADER_SIZE + ETHERNET + (tso ? LONGEST_SUPER : mtu);
    vmm = new TapVmm(driver, options, tap, longest);
    readable = new Epoll();
    readable.add(tap, Epoll.IN, 0);
  }

  private static int offload(long features) {
    int offload = 0;
    if ((features & VirtioNet.GUEST_CSUM) != 0) {
      offload |= Tap.TUN_F_CSUM;
      offload |= (features & VirtioNet.GUEST_TSO4) != 0 ? Tap.TUN_F_TSO4 : 0;
      offload |= (features & VirtioNet.GUEST_TSO6) != 0 ? Tap.TUN_F_TSO6 : 0;
    }
    return offload;
  }

  @Override
  public int send(FrameTemplate template, long sequence, int count) {
    int sent = tx.send(template, sequence, count);
    if (sent > 0) {
      boolean _ = tx.publish();
    }
    if (sent > 0 || vmm.isBehind()) {
      vmm.transmit();
    }
    return sent;
  }

  @Override
  public int receive(FrameCheck check, int limit) {
    int received = rx.receive(check, limit);
    if (received == 0) {
      vmm.receive();
      received = rx.receive(check, limit);
    }
    if (received > 0) {
      boolean _ = rx.publish();
    }
    return received;
  }

  @Override
  public void await(long timeoutNanos) {
    if (vmm.isBehind()) {
      int _ = readable.await(Math.min(timeoutNanos, RETRY_NANOS));
      vmm.transmit();
    } else {
      int _ = readable.await(timeoutNanos);
    }
  }

  @Override
  public int capacity(int length) {
    return Math.min(rx.capacity(length), tx.slots());
  }

  /** Frames that the kernel refused for good. */
  public long refused() {
    return vmm.refused();
  }

  @Override
  public void close() {
    readable.close();
    FileDescriptors.close(tap);
    driver.close();
  }
}
