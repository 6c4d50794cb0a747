package dev.outboard.integration.figures;

import java.nio.file.Path;
import java.util.List;

/**
 * Two other machines that figures are measured between. Immutable.
 *
 * @param hosts as ssh knows them, {@code [user@]host[:port]}
 * @param links devices that lead from each to the other: for the hosts alone, then for each arm
 * @param root where this checkout is on both
 * @param sshConfig a configuration for ssh; null: the user's own
 */
public record RemoteSettings(List<String> hosts, List<String> links, String root, Path sshConfig) {
  /** Takes a private copy. */
  public RemoteSettings {
    hosts = List.copyOf(hosts);
    links = List.copyOf(links);
  }
}
