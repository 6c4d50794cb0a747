package dev.outboard.transport.dpdk;

import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;
import dev.outboard.spi.Counter;
import dev.outboard.spi.TransportContext;
import dev.outboard.transport.dpdk.ffi.Device;
import dev.outboard.transport.dpdk.ffi.DeviceStatistics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Looks after an uplink's device, in a thread of its own: takes what the device has lost into the
 * uplink's counters, tells when its link goes down or up, and finds out that it is gone, which it
 * is for good then.
 */
final class DeviceKeeper implements AutoCloseable {
  private static final Logger LOG = System.getLogger(DeviceKeeper.class.getName());

  /** Counters are taken so often that who reads them soon after a frame was lost finds it there. */
  private static final long PERIOD_MILLIS = 50;

  /** In how many periods it is asked once whether the device is still there. */
  private static final int PERIODS_OF_LOOK = 10;

  private final TransportContext context;
  private final Device device;
  private final String interfaceName;
  private final Counter missed;
  private final Counter receiveErrors;
  private final Counter sendErrors;
  private final Counter withoutBuffer;
  private final Thread thread;
  private boolean linkUp = true;
  private volatile String failure;

  DeviceKeeper(TransportContext context, Device device) {
    this.context = context;
    this.device = device;
    interfaceName = device.name().argument("iface");
    missed = context.counter("device-missed");
    receiveErrors = context.counter("device-receive-errors");
    sendErrors = context.counter("device-send-errors");
    withoutBuffer = context.counter("device-no-buffer");
    thread = Thread.ofPlatform().name("dpdk-" + context.uplink()).daemon().start(this::keep);
  }

  /** Why the device has failed for good, or null. Any thread; hot. */
  String failure() {
    return failure;
  }

  private void keep() {
    try {
      for (int period = 1; failure == null; period++) {
        Thread.sleep(PERIOD_MILLIS);
        count(device.statistics());
        if (period % PERIODS_OF_LOOK == 0) {
          look();
        }
      }
    } catch (InterruptedException e) {
      // The uplink is closed.
    }
  }

  private void look() {
    if (device.isRemoved()) {
      fail("it was taken out of this host");
    } else if (!interfaceName.isEmpty() && !isThere(interfaceName)) {
      fail("its interface " + interfaceName + " is gone");
    } else if (device.isLinkUp() != linkUp) {
      linkUp = !linkUp;
      LOG.log(
          linkUp ? Level.INFO : Level.WARNING,
          "uplink {0}: the link of {1} is {2}",
          context.uplink(),
          device.name(),
          linkUp ? "up" : "down");
    }
  }

  /** It is not used any more. Any thread. */
  void fail(String why) {
    failure = "the device %s is of no use any more: %s".formatted(device.name(), why);
    context.failed(failure);
  }

  private static boolean isThere(String interfaceName) {
    try {
      return Links.find(interfaceName).isPresent();
    } catch (LinuxException e) {
      return true; // not known
    }
  }

  private void count(DeviceStatistics now) {
    raise(missed, now.missed());
    raise(receiveErrors, now.receiveErrors());
    raise(sendErrors, now.sendErrors());
    raise(withoutBuffer, now.withoutBuffer());
  }

  private static void raise(Counter counter, long to) {
    counter.add(Math.max(0, to - counter.value()));
  }

  @Override
  public void close() {
    thread.interrupt();
    Threads.joinUninterruptibly(thread);
  }
}
