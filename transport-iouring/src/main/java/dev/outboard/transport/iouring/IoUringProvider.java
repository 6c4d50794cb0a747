package dev.outboard.transport.iouring;

import dev.outboard.linux.IoUringRefusal;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Optional;

/** Finds out whether io_uring can be used here, and opens the transport. Control thread. */
public final class IoUringProvider implements TransportProvider {
  /** For {@link java.util.ServiceLoader}. */
  public IoUringProvider() {}

  @Override
  public String name() {
    return "iouring";
  }

  @Override
  public Availability probe() {
    Optional<IoUringRefusal> refusal = IoUringRefusal.probe();
    return refusal.isEmpty()
        ? Availability.yes()
        : Availability.no(refusal.get().reason(), refusal.get().remedy());
  }

  @Override
  public List<Setting> settings() {
    return UplinkSettings.ALL;
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    Availability availability = probe();
    if (!availability.usable()) {
      throw new TransportException(availability.reason() + "; " + availability.remedy());
    }
    return new VxlanTransport(context, UplinkSettings.of(context));
  }
}
