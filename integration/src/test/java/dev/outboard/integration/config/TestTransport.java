package dev.outboard.integration.config;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;

/** A transport that can be named and configured, not opened. */
record TestTransport(String name, Availability probe) implements TransportProvider {
  @Override
  public List<Setting> settings() {
    return List.of(
        new Setting("bridge", Setting.Type.TEXT, "br0", "The bridge."),
        new Setting("pool.max", Setting.Type.NUMBER, "8", "The largest pool."),
        new Setting("offloads", Setting.Type.FLAG, "true", "Whether to use offloads."));
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    throw new TransportException("not for opening");
  }
}
