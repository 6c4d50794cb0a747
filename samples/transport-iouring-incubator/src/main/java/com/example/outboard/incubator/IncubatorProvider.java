package com.example.outboard.incubator;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;

/** What the sidecar finds by the service file. */
public final class IncubatorProvider implements TransportProvider {
  @Override
  public String name() {
    return Rings.NAME;
  }

  @Override
  public Availability probe() {
    Throwable cause = Rings.unavailable();
    return cause == null
        ? Availability.yes()
        : Availability.no(
            "Netty can't make a ring: " + firstLine(cause),
            "allow io_uring: sysctl kernel.io_uring_disabled=0, and no seccomp filter against it");
  }

  private static String firstLine(Throwable cause) {
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
  }

  @Override
  public List<Setting> settings() {
    return List.of(
        new Setting(
            "local",
            Setting.Type.TEXT,
            "127.0.0.1:7000",
            "address and port of this host that datagrams leave from and arrive at"));
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    Availability here = probe();
    if (!here.usable()) {
      throw new TransportException(here.reason() + "; " + here.remedy());
    }
    return new IncubatorTransport(context, Endpoint.parse(context.setting("local")));
  }
}
