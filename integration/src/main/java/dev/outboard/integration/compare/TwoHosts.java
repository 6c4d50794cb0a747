package dev.outboard.integration.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The networks of two hosts, and the wire between them: a veth pair whose ends have the same name.
 * Each arm has two of its own. Used by {@link RunningArm}, by one thread.
 */
final class TwoHosts implements AutoCloseable {
  /** The end of the wire, in either host. */
  static final String LINK = "veth0";

  /** Where a VMM's own TAP is joined with the wire. */
  static final String BRIDGE = "br0";

  /**
   * Room for the frames of all arms, those in an envelope included: so that each arm carries frames
   * of the same sizes, and none has to be cut.
   */
  static final int LINK_MTU = 1600;

  static final String PREFIX = "/24";

  private final HostNetwork[] networks = new HostNetwork[2];
  private final boolean limited;

  private TwoHosts(LinkRate rate) {
    limited = rate != null;
  }

  /** Makes them as this arm needs them; a rate of null is no limit. */
  static TwoHosts create(Arm arm, LinkRate rate) throws UserException {
    TwoHosts hosts = new TwoHosts(rate);
    try {
      hosts.networks[0] = HostNetwork.create();
      hosts.networks[1] = HostNetwork.create();
      hosts.networks[0].ip(
          List.of(
              "link add %s mtu %d type veth peer name %s mtu %d netns %d"
                  .formatted(LINK, LINK_MTU, LINK, LINK_MTU, hosts.networks[1].pid())));
      for (int i = 0; i < 2; i++) {
        hosts.networks[i].ip(devices(arm, i));
        if (rate != null) {
          hosts.networks[i].run(rate.command(LINK));
        }
      }
      return hosts;
    } catch (UserException e) {
      hosts.close();
      throw e;
    }
  }

  private static List<String> devices(Arm arm, int host) {
    List<String> lines = new ArrayList<>();
    // No address of its own, so the kernel sends nothing that would be counted.
    lines.add("link set " + LINK + " addrgenmode none");
    if (arm == Arm.VMM_TAP) {
      lines.add("link add " + BRIDGE + " type bridge");
      lines.add("link set " + BRIDGE + " addrgenmode none");
      lines.add("link set " + LINK + " master " + BRIDGE);
      lines.add("link set " + BRIDGE + " up");
    }
    if (arm.hasAddresses()) {
      lines.add("address add " + address(host) + PREFIX + " dev " + LINK);
    }
    lines.add("link set " + LINK + " up");
    return lines;
  }

  /** A host's own address, between the hosts. */
  static String address(int host) {
    return "192.0.2." + (host + 1);
  }

  HostNetwork network(int host) {
    return networks[host];
  }

  /** Each host's network, by a process in it. */
  List<Long> pids() {
    return List.of(networks[0].pid(), networks[1].pid());
  }

  /** The files of the networks. */
  List<Path> files() {
    return List.of(networks[0].file(), networks[1].file());
  }

  /** Frames that the rate limit has dropped, which no device counts. */
  Map<String, Long> drops() throws UserException {
    Map<String, Long> drops = new TreeMap<>();
    for (int i = 0; limited && i < 2; i++) {
      String text = networks[i].run("tc", "-s", "-j", "qdisc", "show", "dev", LINK);
      try {
        for (JsonNode queue : Json.api().readTree(text)) {
          long dropped = queue.path("drops").asLong();
          if (dropped > 0) {
            drops.merge("link-queue-full", dropped, Long::sum);
          }
        }
      } catch (JsonProcessingException e) {
        throw new UserException("tc printed no JSON: " + text, e);
      }
    }
    return drops;
  }

  @Override
  public void close() {
    for (HostNetwork network : networks) {
      if (network != null) {
        network.close();
      }
    }
  }
}
