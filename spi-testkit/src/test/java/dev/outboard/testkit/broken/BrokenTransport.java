package dev.outboard.testkit.broken;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.Region;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportException;

/** An uplink that does what another does, but for what a fault overrides. Control thread. */
class BrokenTransport implements Transport {
  final Transport real;
  final RegionTable regions;

  BrokenTransport(Transport real, RegionTable regions) {
    this.real = real;
    this.regions = regions;
  }

  @Override
  public Capabilities capabilities() {
    return real.capabilities();
  }

  /** The port that takes the place of another. */
  FramePort broken(FramePort port) {
    return port;
  }

  @Override
  public GuestPort openPort(PortSpec spec) throws TransportException {
    return (GuestPort) broken(real.openPort(spec));
  }

  @Override
  public SharedPort openSharedPort(int worker) throws TransportException {
    return (SharedPort) broken(real.openSharedPort(worker));
  }

  @Override
  public NextHop openPeer(int network, String endpoint) throws TransportException {
    return real.openPeer(network, endpoint);
  }

  @Override
  public GuestPort adoptPort(PortSpec spec, PortState state) throws TransportException {
    return real.adoptPort(spec, state);
  }

  @Override
  public void memoryAdded(Region region) {
    real.memoryAdded(region);
  }

  @Override
  public void memoryRemoved(Region region) {
    real.memoryRemoved(region);
  }

  @Override
  public void close() {
    real.close();
  }
}
