package dev.outboard.integration.plugins;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.Region;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportException;
import java.util.concurrent.Callable;

/** An uplink by a plugin's transport: all that the control thread asks of it is guarded. */
final class GuardedTransport implements Transport {
  private final Guard guard;
  private final Transport plugin;
  private final Capabilities capabilities;

  GuardedTransport(Guard guard, Transport plugin, Capabilities capabilities) {
    this.guard = guard;
    this.plugin = plugin;
    this.capabilities = capabilities;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public GuestPort openPort(PortSpec spec) throws TransportException {
    return GuardedGuestPort.of(guard, call("openPort()", () -> plugin.openPort(spec)));
  }

  @Override
  public SharedPort openSharedPort(int worker) throws TransportException {
    String what = "openSharedPort()";
    return new GuardedSharedPort(guard, call(what, () -> plugin.openSharedPort(worker)));
  }

  @Override
  public NextHop openPeer(int network, String endpoint) throws TransportException {
    return call(
        "openPeer()",
        () -> {
          NextHop hop = Checked.made("openPeer()", plugin.openPeer(network, endpoint));
          return new Hop(guard, hop, hop.number());
        });
  }

  @Override
  public GuestPort adoptPort(PortSpec spec, PortState state) throws TransportException {
    return GuardedGuestPort.of(guard, call("adoptPort()", () -> plugin.adoptPort(spec, state)));
  }

  @Override
  public void memoryAdded(Region region) {
    guard.clear("memoryAdded()", () -> plugin.memoryAdded(region));
  }

  @Override
  public void memoryRemoved(Region region) {
    guard.clear("memoryRemoved()", () -> plugin.memoryRemoved(region));
  }

  private <T> T call(String what, Callable<T> call) throws TransportException {
    try {
      return guard.call(what, () -> Checked.made(what, call.call()));
    } catch (PluginFailure e) {
      throw new TransportException(guard.line(e), e);
    }
  }

  @Override
  public void close() {
    guard.clear("close()", plugin::close);
  }

  private record Hop(Guard guard, NextHop hop, int number) implements NextHop {
    @Override
    public void close() {
      guard.clear("close() of a peer", hop::close);
    }
  }
}
