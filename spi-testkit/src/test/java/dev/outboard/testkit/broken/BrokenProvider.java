package dev.outboard.testkit.broken;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;

/** A provider that does what another does, but for what a fault overrides. Control thread. */
class BrokenProvider implements TransportProvider {
  final TransportProvider real;

  /** An uplink has been closed. */
  volatile boolean somebodyLeft;

  BrokenProvider(TransportProvider real) {
    this.real = real;
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public Availability probe() {
    return real.probe();
  }

  @Override
  public List<Setting> settings() {
    return real.settings();
  }

  /** The uplink that takes the place of another. */
  Transport broken(Transport transport, TransportContext context) {
    return transport;
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    return broken(real.open(context), context);
  }
}
