package dev.outboard.integration.wire;

import java.util.List;

/**
 * What a user says of a station on another host, in the configuration file or as the body of {@code
 * PUT /remotes/{id}}. What may be left out is null; {@code config} fills the gaps and checks.
 *
 * @param uplink the uplink by which it is usually reached
 * @param endpoint where it is, as that uplink's transport writes it
 * @param alternatives where it is on other uplinks, for routes that choose those
 */
public record RemoteRequest(
    String id,
    String tenant,
    Integer network,
    String mac,
    List<String> addresses,
    String uplink,
    String endpoint,
    List<Peer> alternatives) {

  /** A place on an uplink. */
  public record Peer(String uplink, String endpoint) {}

  /** The same station under this id. */
  public RemoteRequest withId(String name) {
    return new RemoteRequest(name, tenant, network, mac, addresses, uplink, endpoint, alternatives);
  }
}
