package dev.outboard.testkit.loopback;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;

/** An open uplink with a port for each guest. Control thread. */
final class GuestLoopback implements Transport {
  static final int MOST_FRAGMENTS = 64;

  private final TransportContext context;
  private final Switchboard switchboard;
  private final int mtu;
  private final boolean holds;

  GuestLoopback(TransportContext context, Switchboard switchboard, int mtu, boolean holds) {
    this.context = context;
    this.switchboard = switchboard;
    this.mtu = mtu;
    this.holds = holds;
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.perGuest(mtu, MOST_FRAGMENTS)
        .withOffloads(Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6 | Offloads.USO)
        .withHoldsFrames(holds);
  }

  @Override
  public GuestPort openPort(PortSpec spec) throws TransportException {
    if (spec.mtu() > mtu) {
      throw new TransportException(
          "guest %s has an MTU of %d, and this uplink carries %d"
              .formatted(spec.guest(), spec.mtu(), mtu));
    }
    int bell;
    try {
      bell = EventFd.create();
    } catch (LinuxException e) {
      throw new TransportException("no port for guest " + spec.guest() + ": " + e.getMessage(), e);
    }
    LoopbackGuestPort port =
        new LoopbackGuestPort(spec, context.regions(), switchboard, bell, holds);
    try {
      switchboard.enter(port);
    } catch (TransportException e) {
      port.close();
      throw e;
    }
    return port;
  }

  @Override
  public void close() {
    // Ports have all there is, and are closed.
  }
}
