package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;

/** Opens the transport; it can be used wherever there is TCP. Control thread. */
public final class KernelTcpProvider implements TransportProvider {
  /** For {@link java.util.ServiceLoader}. */
  public KernelTcpProvider() {}

  @Override
  public String name() {
    return "kernel-tcp";
  }

  @Override
  public Availability probe() {
    return Availability.yes();
  }

  @Override
  public List<Setting> settings() {
    return TcpSettings.ALL;
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    return new KernelTcpTransport(context, TcpSettings.of(context));
  }
}
