package dev.outboard.restart;

import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two hosts joined by several wires, and on each a daemon with a Linux guest under QEMU. Each wire
 * is for one uplink of theirs; that of the kernel's sockets has addresses, the others are silent.
 */
final class TwoDaemons implements AutoCloseable {
  /** The wire with addresses. */
  static final String ADDRESSED = "veth1";

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Path> sockets = new ArrayList<>();
  private final List<QemuGuest> guests = new ArrayList<>();

  /** What daemons are told besides their guests, with how the other's guest is reached. */
  interface Configuration {
    /**
     * The daemon's of host 0 or 1.
     *
     * @param far the guest on the other host
     */
    String of(int host, GuestConfig far);
  }

  /**
   * Starts all of it.
   *
   * @param wires their number; the ends are veth0 to veth(n-1)
   */
  TwoDaemons(Path directory, int wires, Configuration configuration) throws Exception {
    try {
      JoinedNamespaces hosts = opened(JoinedNamespaces.create(1600).silent());
      String far = Long.toString(hosts.host(1).pid());
      for (int i = 1; i < wires; i++) {
        String wire = "veth" + i;
        hosts.host(0).ip("link", "add", wire, "type", "veth", "peer", "name", wire, "netns", far);
      }
      for (int host = 0; host < 2; host++) {
        up(hosts.host(host), host, wires);
        Path folder = Files.createDirectory(directory.resolve("host" + host));
        start(hosts.host(host), folder, host, configuration);
      }
      guests.forEach(QemuGuest::awaitReady);
      guests.get(0).run("ping -c 1 -W 15 " + guests.get(1).config().address());
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private static void up(Namespace network, int host, int wires) {
    for (int i = 1; i < wires; i++) {
      network.ip("link", "set", "veth" + i, "addrgenmode", "none");
      network.ip("link", "set", "veth" + i, "mtu", "1600", "up");
    }
    network.ip("address", "add", address(host) + "/24", "dev", ADDRESSED);
  }

  private void start(Namespace network, Path folder, int host, Configuration configuration)
      throws Exception {
    GuestConfig near = GuestConfig.of(host + 1);
    String guest =
        "guests: [{id: %s, mac: '%s', socket: %s}]\n"
            .formatted(near.name(), near.mac(), folder.resolve("guest.sock"));
    Path config = folder.resolve("c.yaml");
    Files.writeString(config, configuration.of(host, GuestConfig.of(2 - host)) + guest);
    sockets.add(folder.resolve("api.sock"));
    DaemonProcess daemon =
        opened(
            new DaemonProcess(
                network.enter(DaemonProcess.java()),
                "--config",
                config.toString(),
                "--api",
                sockets.get(host).toString()));
    daemon.awaitReady();
    guests.add(
        opened(QemuGuest.vhostUser(near, folder.resolve("guest.sock"), QemuGuest.Extra.NONE)));
  }

  /** A host's address on the wire that has them. */
  static String address(int host) {
    return "198.51.100." + (host + 1);
  }

  /** Frames between the guests, which take two ways in turns. */
  SwapTraffic traffic(String title, String there, String back) {
    return new SwapTraffic(title, guests.get(0), guests.get(1), sockets, there, back);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  @Override
  public void close() throws IOException {
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }
}
