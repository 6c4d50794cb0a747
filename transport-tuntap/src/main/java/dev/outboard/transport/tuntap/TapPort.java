package dev.outboard.transport.tuntap;

import dev.outboard.linux.Errno;
import dev.outboard.linux.Io;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Tap;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.PortHandOver;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.WorkerContext;

/**
 * One guest's TAP: a system call for each frame, and no copy of ours. Threads as {@link GuestPort}
 * says.
 */
final class TapPort implements GuestPort, PortHandOver {
  /** Frames that are read and dropped before other guests get their turn. */
  private static final int MOST_DROPS = 64;

  private final TuntapTransport transport;
  private final PortSpec spec;
  private final PooledTap tap;
  private final Bridges.Bridge bridge;
  private final Drops drops;
  private final ReceiveWindow window = new ReceiveWindow();

  private WorkerContext context;
  private Scratch scratch;
  private int offloadFlags;
  private int headerSize = Tap.HEADER_SIZE;
  private volatile String failure;

  /** Whether another process has the devices, too, and may keep them. Control thread. */
  private boolean borrowed;

  TapPort(TuntapTransport transport, PortSpec spec, PooledTap tap, Bridges.Bridge bridge) {
    this.transport = transport;
    this.spec = spec;
    this.tap = tap;
    this.bridge = bridge;
    drops = new Drops(spec);
  }

  /** A port that another process has, until {@link #own}. */
  static TapPort adopt(
      TuntapTransport transport, PortSpec spec, TapState state, Bridges.Bridge bridge) {
    TapPort port = new TapPort(transport, spec, state.tap(), bridge);
    port.headerSize = state.headerSize();
    port.offloadFlags = state.offloadFlags();
    port.borrowed = true;
    return port;
  }

  PooledTap tap() {
    return tap;
  }

  Bridges.Bridge bridge() {
    return bridge;
  }

  @Override
  public void bind(WorkerContext worker) {
    context = worker;
    scratch = transport.scratch(worker.worker());
    if (!worker.watch(tap.fd())) {
      failure = "TAP %s can't be watched".formatted(tap.name());
    }
  }

  @Override
  public void unbind() {
    context.unwatch(tap.fd());
    context = null;
    scratch = null;
  }

  @Override
  public int transmit(FrameBurst frames, int from, int count) {
    if (failure != null) {
      return 0;
    }
    for (int i = from; i < from + count; i++) {
      int iovecs = scratch.prepareSend(frames, i, headerSize);
      if (iovecs < 0) {
        drops.fragments.add(1);
        continue;
      }
      long result = Io.writev(tap.fd(), scratch.sendAddress(), iovecs);
      if (result < 0 && !isDropped((int) -result)) {
        return i - from;
      }
    }
    return count;
  }

  /** After an error of writev: whether the frame is done with (and counted), or stays. */
  private boolean isDropped(int errno) {
    switch (errno) {
      case Errno.EAGAIN, Errno.EINTR, Errno.ENOBUFS, Errno.ENOMEM -> {
        return false;
      }
      case Errno.EBADFD, Errno.EBADF, Errno.ENODEV, Errno.ENXIO -> {
        fail("write to", errno);
        return false;
      }
      default -> {
        drops.of(errno).add(1);
        return true;
      }
    }
  }

  @Override
  public int receive(ReceiveSpace space, int limit) {
    if (failure != null || (space.headerLength() != headerSize && !setHeader(space))) {
      return 0;
    }
    window.open(space, scratch);
    int most = Math.min(limit, space.frameRoom());
    int frames = 0;
    int dropped = 0;
    while (frames < most && window.place()) {
      long result = Io.readv(tap.fd(), window.address(), window.iovecs());
      if (result > 0 && window.record((int) result)) {
        frames++;
        continue;
      }
      if (result <= 0 && isReceiveOver((int) -result)) {
        break;
      }
      (result > 0 ? drops.oversized : drops.of((int) -result)).add(1);
      if (++dropped == MOST_DROPS) {
        // There may be more, and no new edge will tell of it.
        context.wake();
        break;
      }
    }
    return frames;
  }

  /** After an error of readv: whether there is nothing more to read; else a frame was lost. */
  private boolean isReceiveOver(int errno) {
    return switch (errno) {
      case 0, Errno.EAGAIN -> true;
      case Errno.EINTR, Errno.ENOMEM -> {
        context.wake();
        yield true;
      }
      case Errno.EBADFD, Errno.EBADF, Errno.ENODEV, Errno.ENXIO -> {
        fail("read from", errno);
        yield true;
      }
      default -> false;
    };
  }

  /** Once for a guest whose driver is older than virtio 1.0: its headers are shorter. */
  private boolean setHeader(ReceiveSpace space) {
    try {
      Tap.setHeaderSize(tap.fd(), space.headerLength());
      headerSize = space.headerLength();
      return true;
    } catch (LinuxException e) {
      fail(e);
      return false;
    }
  }

  @Override
  public void receiveOffloads(int offloads) {
    int flags = tunFlags(offloads);
    if (failure != null || flags == offloadFlags) {
      return;
    }
    try {
      Tap.setOffload(tap.fd(), flags);
    } catch (LinuxException e) {
      fail(e);
      return;
    }
    if ((offloadFlags & ~flags) != 0) {
      // What is queued was made for the former driver, and may be beyond the new one.
      drops.stale.add(PooledTap.drain(tap.fd()));
    }
    offloadFlags = flags;
  }

  /** The kernel takes segmentation only with checksums. */
  private static int tunFlags(int offloads) {
    if ((offloads & Offloads.CHECKSUM) == 0) {
      return 0;
    }
    return Tap.TUN_F_CSUM
        | ((offloads & Offloads.TSO4) != 0 ? Tap.TUN_F_TSO4 : 0)
        | ((offloads & Offloads.TSO6) != 0 ? Tap.TUN_F_TSO6 : 0);
  }

  private void fail(String operation, int errno) {
    fail(new LinuxException(operation + " TAP " + tap.name(), errno));
  }

  private void fail(LinuxException e) {
    String gone =
        e.errno() == Errno.EBADFD || e.errno() == Errno.ENODEV
            ? "; the device was deleted, attach the guest again"
            : "";
    failure = e.getMessage() + gone;
  }

  @Override
  public String failure() {
    return failure;
  }

  @Override
  public PortState state() {
    return new TapState(tap, bridge.name, headerSize, offloadFlags).toPortState(spec);
  }

  @Override
  public void own() {
    if (borrowed) {
      borrowed = false;
      transport.own(this, spec.guest());
    }
  }

  @Override
  public void close() {
    if (borrowed) {
      transport.leave(this);
    } else {
      transport.close(this);
    }
  }
}
