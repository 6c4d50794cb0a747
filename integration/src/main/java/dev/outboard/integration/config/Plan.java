package dev.outboard.integration.config;

import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GatewaySpec;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.RemoteSpec;
import dev.outboard.engine.RouteSpec;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.spi.TransportProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the daemon shall do, checked and complete: nothing in it needs a default or a second look.
 *
 * @param runtimeDirectory where a daemon that was killed finds its guests again
 * @param guestPlanner turns later requests into guests, by the same rules
 * @param remotePlanner the same for stations on other hosts
 * @param uplinkPlanner the same for uplinks
 * @param uplinkNames the uplinks that those requests can name
 */
public record Plan(
    Api api,
    Path runtimeDirectory,
    EngineSettings engine,
    IsolationPolicy isolation,
    Waiting notifier,
    List<Uplink> uplinks,
    List<RouteSpec> routes,
    List<GatewaySpec> gateways,
    List<RemoteSpec> remotes,
    List<GuestSpec> guests,
    GuestPlanner guestPlanner,
    RemotePlanner remotePlanner,
    UplinkPlanner uplinkPlanner,
    UplinkNames uplinkNames) {

  /** In one line: who shares a worker, how many there are, where they run, how they wait. */
  public String threads() {
    int limit = engine.workers();
    int permanent = isolation.permanentWorkers(limit);
    return "isolation: %s; workers: %s%s; notifier: %s%s"
        .formatted(
            isolation.name(),
            permanent == limit ? limit : permanent + ", as needed up to " + limit,
            engine.cpus().isEmpty() ? ", not pinned" : " on " + engine.cpus(),
            notifier.provider().name(),
            notifier.note().isEmpty() ? "" : " (" + notifier.note() + ")");
  }

  /** The API's socket and its permissions. */
  public record Api(Path socket, int mode) {}

  /**
   * How workers wait.
   *
   * @param note why it is not a better one, or empty
   */
  public record Waiting(NotifierProvider provider, String note) {}

  /** An uplink to open, with every setting the transport knows. */
  public record Uplink(String name, TransportProvider provider, Map<String, String> settings) {}
}
