package dev.outboard.integration.plugins;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import java.io.IOException;

/** A plugin's notifier as the sidecar sees it, until it is a worker's own. */
record GuardedNotifierProvider(Guard guard, NotifierProvider plugin, String name)
    implements NotifierProvider {
  @Override
  public Availability probe() {
    return Checked.probe(guard, plugin::probe);
  }

  @Override
  public Notifier open() throws IOException {
    try {
      return guard.call("open()", () -> Checked.made("open()", plugin.open()));
    } catch (PluginFailure e) {
      throw new IOException(guard.line(e), e);
    }
  }
}
