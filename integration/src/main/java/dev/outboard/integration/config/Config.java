package dev.outboard.integration.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.PlainText;
import dev.outboard.integration.wire.RemoteRequest;
import java.util.List;
import java.util.Map;

/**
 * The configuration file as it is written; what is absent is null. {@link Planner} alone reads it.
 *
 * @param plugins the directory with the plugins, relative to the file's
 * @param uplinks by name: {@code transport} and that transport's settings
 */
record Config(
    Api api,
    String runtimeDirectory,
    String plugins,
    String isolation,
    Integer workers,
    List<Integer> cpus,
    String notifier,
    Integer pollMicros,
    Integer headOfLineMicros,
    Integer maxGuests,
    List<Network> networks,
    Map<String, Map<String, String>> uplinks,
    List<Route> routes,
    List<RemoteRequest> remotes,
    List<GuestRequest> guests) {

  static Config empty() {
    return new Config(
        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
  }

  /** Where the API listens. */
  record Api(String socket, @JsonDeserialize(using = PlainText.class) String mode) {}

  /** What is the same for all guests of a network. */
  record Network(Integer id, Integer mtu, @JsonProperty("default") Gateway gateway) {}

  /** Where frames go whose destination nobody knows, and whether unknown stations may send. */
  record Gateway(
      String uplink, String endpoint, String tenant, @JsonProperty("gateway") Boolean isSource) {}

  /** A rule that chooses the uplink. */
  record Route(
      String id,
      Integer network,
      @JsonProperty("class") String guestClass,
      String destination,
      String uplink,
      String endpoint) {}
}
