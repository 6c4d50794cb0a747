package dev.outboard.integration.plugins;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;

/**
 * A plugin's transport as the sidecar sees it: name and settings are what they were when it was
 * loaded, all else goes through its {@link Guard}. As the interface says, and {@link #probe} from
 * any thread.
 */
final class GuardedTransportProvider implements TransportProvider {
  private final Guard guard;
  private final TransportProvider plugin;
  private final String name;
  private final List<Setting> settings;

  GuardedTransportProvider(
      Guard guard, TransportProvider plugin, String name, List<Setting> settings) {
    this.guard = guard;
    this.plugin = plugin;
    this.name = name;
    this.settings = List.copyOf(settings);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Setting> settings() {
    return settings;
  }

  @Override
  public Availability probe() {
    return Checked.probe(guard, plugin::probe);
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    try {
      return guard.call(
          "open()",
          () -> {
            Transport opened = Checked.made("open()", plugin.open(context));
            try {
              return new GuardedTransport(guard, opened, Checked.capabilities(opened));
            } catch (RuntimeException e) {
              opened.close();
              throw e;
            }
          });
    } catch (PluginFailure e) {
      throw new TransportException(guard.line(e), e);
    }
  }
}
