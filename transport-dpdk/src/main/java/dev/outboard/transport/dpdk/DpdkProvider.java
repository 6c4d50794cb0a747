package dev.outboard.transport.dpdk;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import dev.outboard.transport.dpdk.ffi.Dpdk;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Eal;
import java.util.List;

/** Finds out whether there is a DPDK that can be used, and opens the transport. Control thread. */
public final class DpdkProvider implements TransportProvider {
  /** For {@link java.util.ServiceLoader}. */
  public DpdkProvider() {}

  @Override
  public String name() {
    return "dpdk";
  }

  @Override
  public Availability probe() {
    return Dpdk.refusal()
        .map(refusal -> Availability.no(refusal.reason(), refusal.remedy()))
        .orElseGet(Availability::yes);
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
    UplinkSettings settings = UplinkSettings.of(context);
    if (context.isTakingOver()) {
      throw new TransportException(
          "a device of DPDK belongs to the process that opened it, and can't be taken over; stop"
              + " the running daemon and start without --take-over: guests connect again");
    }
    try {
      Eal.start(settings.eal());
      return settings.perGuest()
          ? GuestTransport.open(context, settings)
          : DpdkTransport.open(context, settings);
    } catch (DpdkException e) {
      throw new TransportException(e.getMessage(), e);
    }
  }
}
