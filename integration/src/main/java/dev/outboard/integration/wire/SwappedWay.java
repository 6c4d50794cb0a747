package dev.outboard.integration.wire;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Something of the configuration file that a swap has given another way than the file says, as it
 * is kept for the next daemon.
 *
 * @param kind a guest, route, remote, or the default of a network
 * @param name its id; of a default the network's number
 * @param uplink where it leads; null for a guest: nowhere of its own choice
 * @param endpoint of a route or a default, else null
 * @param localForwarding of a guest, else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SwappedWay(
    Kind kind, String name, String uplink, String endpoint, Boolean localForwarding) {
  /** What it is. */
  public enum Kind {
    GUEST,
    ROUTE,
    REMOTE,
    DEFAULT
  }

  /** What it is kept under. */
  public static String id(Kind kind, String name) {
    return kind.name().charAt(0) + "-" + name;
  }
}
