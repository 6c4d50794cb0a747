package dev.outboard.transport.dpdk;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.WorkerContext;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Lcores;

/** A guest's port, by a device that is the guest's for that time. Threads as the SPI says. */
final class DevicePort implements GuestPort {
  private final GuestDevice device;
  private final Sender sender;
  private final GuestReceiver receiver;
  private final IdleSleep sleep;
  private WorkerContext context;
  private volatile String failure;

  DevicePort(GuestDevice device, Sender sender, GuestReceiver receiver, IdleSleep sleep) {
    this.device = device;
    this.sender = sender;
    this.receiver = receiver;
    this.sleep = sleep;
    sender.use(device.queue());
  }

  @Override
  public void bind(WorkerContext worker) {
    try {
      Lcores.enter();
      if (!sleep.watch(worker)) {
        failure = "what wakes its worker can't be watched";
      }
      context = worker;
    } catch (DpdkException e) {
      failure = e.getMessage();
    }
  }

  @Override
  public void unbind() {
    if (context != null) {
      sleep.unwatch(context);
      context = null;
      Lcores.leave();
    }
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    return failure() == null ? sender.transmit(frames, from, count) : 0;
  }

  @Override
  public int receive(ReceiveSpace space, int limit) {
    if (failure() != null) {
      return 0;
    }
    int frames = receiver.receive(space, limit);
    if (frames > 0) {
      sleep.sawWork();
    }
    if (frames < limit) {
      sleep.keepAlarm(System.nanoTime());
    }
    return frames;
  }

  @Override
  public String failure() {
    return failure != null ? failure : device.failure();
  }

  @Override
  public void close() {
    sleep.close();
    receiver.close();
    sender.close();
    device.leave();
  }
}
