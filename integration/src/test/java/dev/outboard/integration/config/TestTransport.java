package dev.outboard.integration.config;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;

/** A transport that can be named and configured, not opened. */
record TestTransport(String name, Availability probe, List<Setting> settings)
    implements TransportProvider {
  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("bridge", Setting.Type.TEXT, "br0", "The bridge."),
          new Setting("pool.max", Setting.Type.NUMBER, "8", "The largest pool."),
          new Setting("offloads", Setting.Type.FLAG, "true", "Whether to use offloads."));

  TestTransport(String name, Availability probe) {
    this(name, probe, SETTINGS);
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    throw new TransportException("not for opening");
  }
}
