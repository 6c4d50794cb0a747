package dev.outboard.integration.config;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import java.io.IOException;

/** A notifier that can be named, not opened. */
record TestNotifier(String name, Availability probe) implements NotifierProvider {
  static TestNotifier usable(String name) {
    return new TestNotifier(name, Availability.yes());
  }

  @Override
  public Notifier open() throws IOException {
    throw new IOException("not for opening");
  }
}
