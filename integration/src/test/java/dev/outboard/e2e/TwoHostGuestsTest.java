package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.SecretFile;
import dev.outboard.lab.UmlGuest;
import dev.outboard.testing.LongTier;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Unmodified Linux guests on two hosts, each behind a sidecar of its own: whatever transport is
 * between the sidecars, the guests can't tell.
 */
@Timeout(240)
@SideBySide
final class TwoHostGuestsTest {
  private static final List<GuestConfig> GUESTS = List.of(GuestConfig.of(1), GuestConfig.of(2));

  /** Losses that a small ring and a burst of TCP explain; any other reason is a bug. */
  private static final Set<String> EXPLAINED =
      Set.of("destination-full", "destination-stalled", "uplink-full", "uplink-stalled");

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();

  /** How two sidecars are joined. */
  private enum Way {
    /** A bridge on each host, of which the wire is a port. */
    TUNTAP {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return "uplinks: {lan: {transport: tuntap, bridge.device: "
            + JoinedNamespaces.LINK
            + "}}\n";
      }

      @Override
      List<String> attachment() {
        return List.of("--uplink", "lan");
      }

      /** Both frames to the guest and to groups come out of the wire. */
      @Override
      long missing(Sidecar from, Sidecar to) {
        Sidecar.Tap sent = from.taps().get(JoinedNamespaces.LINK);
        Sidecar.Tap received = to.taps().get(JoinedNamespaces.LINK);
        assertTrue(sent.sent() > 1000, "all of it by the wire: " + sent);
        return sent.sent() - received.received();
      }
    },
    /** VXLAN between the hosts' IPv4 addresses. */
    IOURING {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return vxlan(host, hosts.address(host), hosts.address(1 - host));
      }
    },
    /** VXLAN between the hosts' IPv6 addresses. */
    IOURING_OVER_IPV6 {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return vxlan(host, hosts.address6(host), hosts.address6(1 - host));
      }
    },
    /** Connections of TCP between the hosts' IPv4 addresses. */
    KERNEL_TCP {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return trunk(host, hosts.address(host), hosts.address(1 - host), secret);
      }
    },
    /** The same between IPv6 addresses. */
    KERNEL_TCP_OVER_IPV6 {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return trunk(host, hosts.address6(host), hosts.address6(1 - host), secret);
      }
    },
    /** Plain Ethernet, by sockets that an XDP program feeds, past the kernel. */
    DPDK_AF_XDP {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return sidecar(host, device("net_af_xdp0"), "wire");
      }
    },
    /** VXLAN between IPv4 addresses that the sidecars alone have, by packet sockets. */
    DPDK_AF_PACKET {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return tunnel(host, "net_af_packet0", hosts.address(host) + "/24", hosts.address(1 - host));
      }
    },
    /** The same between IPv6 addresses, past the kernel. */
    DPDK_OVER_IPV6 {
      @Override
      String configuration(JoinedNamespaces hosts, int host, Path secret) {
        return tunnel(host, "net_af_xdp0", hosts.address6(host) + "/64", hosts.address6(1 - host));
      }
    };

    /** Whether it leaves the wire to the kernel alone, which talks there too. */
    boolean isOfTheKernel() {
      return !name().startsWith("DPDK");
    }

    /**
     * What one host's sidecar is told.
     *
     * @param secret a file that both can read
     */
    abstract String configuration(JoinedNamespaces hosts, int host, Path secret);

    /** The counter of frames that a socket had no room for. */
    private String socketFull() {
      return name().startsWith("KERNEL_TCP") ? "socket-full" : "send-socket-full";
    }

    /** How that host's guest is attached, besides. */
    List<String> attachment() {
      return List.of();
    }

    /** Frames that one sidecar has sent, and the other neither received nor counted as lost. */
    long missing(Sidecar from, Sidecar to) {
      JsonNode near = from.stats().at("/uplinks/0");
      JsonNode far = to.stats().at("/uplinks/0");
      long sent = near.path("sent_frames").asLong();
      assertTrue(sent > 1000, "all of it by the uplink: " + near);
      String lostHere = isOfTheKernel() ? socketFull() : "device-send-errors";
      String lostThere = isOfTheKernel() ? "receive-socket-full" : "device-missed";
      return sent
          - near.at("/drops/" + lostHere).asLong()
          - far.path("received_frames").asLong()
          - far.path("joined_frames").asLong()
          - far.at("/drops/" + lostThere).asLong();
    }

    static String device(String name) {
      return "transport: dpdk, device: '%s,iface=%s'".formatted(name, JoinedNamespaces.LINK);
    }

    static String tunnel(int host, String name, String address, String peer) {
      String uplink = device(name) + ", address: '" + address + "'";
      return "networks: [{id: 1, mtu: 1430}]\n" + sidecar(host, uplink, peer);
    }

    static String vxlan(int host, String address, String peer) {
      return sidecar(host, "transport: iouring, address: '" + address + "'", peer);
    }

    static String trunk(int host, String address, String peer, Path secret) {
      String uplink = "transport: kernel-tcp, address: '%s', secret-file: %s";
      return sidecar(host, uplink.formatted(address, secret), peer);
    }

    static String sidecar(int host, String uplink, String endpoint) {
      GuestConfig far = GUESTS.get(1 - host);
      return """
          uplinks: {wan: {%s}}
          remotes:
            - id: far
              network: 1
              mac: %s
              addresses: ['%s', '%s']
              uplink: wan
              endpoint: '%s'
          """
          .formatted(uplink, far.mac(), far.address(), far.address6(), endpoint);
    }
  }

  @BeforeAll
  static void needsGuests() {
    Lab.require();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    open.clear();
  }

  @LongTier("two-hosts")
  void reachEachOtherInAllOtherWays() throws Exception {
    for (Way way : List.of(Way.IOURING_OVER_IPV6, Way.KERNEL_TCP, Way.DPDK_AF_PACKET)) {
      directory = Files.createDirectory(directory.resolve(way.name()));
      reachEachOther(way);
      closeAll();
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"TUNTAP", "IOURING", "KERNEL_TCP_OVER_IPV6", "DPDK_AF_XDP", "DPDK_OVER_IPV6"})
  void reachEachOther(Way way) throws IOException, InterruptedException {
    JoinedNamespaces hosts = opened(JoinedNamespaces.create(1600));
    if (!way.isOfTheKernel()) {
      Lab.requireDpdk();
      hosts.silent();
    }
    Path secret = SecretFile.in(directory);
    List<LinuxGuest> guests = new ArrayList<>();
    List<Sidecar> sidecars = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path folder = Files.createDirectory(directory.resolve("host" + i));
      sidecars.add(opened(new Sidecar(folder, hosts.host(i), way.configuration(hosts, i, secret))));
    }
    for (int i = 0; i < 2; i++) {
      guests.add(boot(sidecars.get(i), GUESTS.get(i), way.attachment()));
    }
    LinuxGuest one = guests.get(0);
    LinuxGuest two = guests.get(1);
    two.awaitReady();
    two.run(TwoHostTraffic.SERVE);
    TwoHostTraffic traffic =
        new TwoHostTraffic(one, two.config().address(), two.config().address6());
    traffic.ping();
    String tcp = traffic.tcp();
    String udp = traffic.udp();
    System.out.printf("two hosts, %s: %s; %s%n", way, tcp, udp);
    awaitNoneMissing(way, sidecars.get(0), sidecars.get(1));
    awaitNoneMissing(way, sidecars.get(1), sidecars.get(0));
  }

  /** What one sidecar sent the other has got, but for what was counted as lost. */
  private static void awaitNoneMissing(Way way, Sidecar from, Sidecar to)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (way.missing(from, to) != 0) {
      if (System.nanoTime() > deadline) {
        fail(way.missing(from, to) + " frames are missing: " + from.stats() + to.stats());
      }
      Thread.sleep(50);
    }
    for (Sidecar each : List.of(from, to)) {
      JsonNode drops = each.stats().at("/guests/0/counters/drops");
      for (Map.Entry<String, JsonNode> drop : drops.properties()) {
        assertTrue(EXPLAINED.contains(drop.getKey()), each.stats().toString());
      }
    }
  }

  private LinuxGuest boot(Sidecar sidecar, GuestConfig guest, List<String> attachment)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("--mac", guest.mac(), "--frontend", "uml"));
    words.addAll(List.of("--ip", guest.address(), "--ip", guest.address6()));
    words.addAll(attachment);
    Path socket = sidecar.attach(guest.name(), words.toArray(String[]::new));
    return opened(UmlGuest.vhostUser(guest, socket));
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }
}
