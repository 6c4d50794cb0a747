package dev.outboard.integration.config;

import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a configuration can name.
 *
 * @param transports by name
 * @param isolation the isolation policies by name
 * @param notifiers the best first; {@code auto} takes the first that can run here
 */
public record Installed(
    Map<String, TransportProvider> transports,
    Map<String, IsolationPolicy> isolation,
    List<NotifierProvider> notifiers) {
  /** Takes private copies. */
  public Installed {
    transports = Map.copyOf(transports);
    isolation = Map.copyOf(isolation);
    notifiers = List.copyOf(notifiers);
  }

  Set<String> transportNames() {
    return new TreeSet<>(transports.keySet());
  }
}
