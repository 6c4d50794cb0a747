package dev.outboard.integration.config;

import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a configuration can name.
 *
 * @param transports by name
 * @param notifiers names, the best first; {@code auto} takes that one
 */
public record Installed(Map<String, TransportProvider> transports, List<String> notifiers) {
  /** Takes private copies. */
  public Installed {
    transports = Map.copyOf(transports);
    notifiers = List.copyOf(notifiers);
  }

  Set<String> transportNames() {
    return new TreeSet<>(transports.keySet());
  }
}
