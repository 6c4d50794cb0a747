package dev.outboard.restart;

import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.testing.LongTier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux guest on each of two hosts, joined by two wires: one is a port of a bridge on either
 * host, over the other go datagrams of VXLAN. Their frames take one and the other in turns while
 * they flow.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SwapBetweenHostsTest {
  private static final String SECOND = "veth1";
  private static final String TO_TAPS = "{\"uplink\": \"wan\", \"to\": \"lan\"}";
  private static final String TO_VXLAN = "{\"uplink\": \"lan\", \"to\": \"wan\"}";

  private final List<AutoCloseable> open = new ArrayList<>();
  private SwapTraffic traffic;

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    JoinedNamespaces hosts = opened(JoinedNamespaces.create(1600));
    String far = Long.toString(hosts.host(1).pid());
    hosts.host(0).ip("link", "add", SECOND, "type", "veth", "peer", "name", SECOND, "netns", far);
    List<Path> sockets = new ArrayList<>();
    List<QemuGuest> guests = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Namespace host = hosts.host(i);
      host.ip("link", "set", SECOND, "mtu", "1600", "up");
      host.ip("address", "add", address(i) + "/24", "dev", SECOND);
      Path folder = Files.createDirectory(directory.resolve("host" + i));
      Path config = Files.writeString(folder.resolve("c.yaml"), configuration(folder, i));
      sockets.add(folder.resolve("api.sock"));
      DaemonProcess daemon =
          opened(
              new DaemonProcess(
                  host.enter(DaemonProcess.java()),
                  "--config",
                  config.toString(),
                  "--api",
                  sockets.get(i).toString()));
      daemon.awaitReady();
      guests.add(
          opened(
              QemuGuest.vhostUser(
                  GuestConfig.of(i + 1), folder.resolve("guest.sock"), QemuGuest.Extra.NONE)));
    }
    guests.forEach(QemuGuest::awaitReady);
    guests.get(0).run("ping -c 1 -W 15 " + guests.get(1).config().address());
    traffic =
        new SwapTraffic(
            "swap, two hosts", guests.get(0), guests.get(1), sockets, TO_TAPS, TO_VXLAN);
  }

  @AfterAll
  void end() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  private static String address(int host) {
    return "198.51.100." + (host + 1);
  }

  private static String configuration(Path folder, int host) {
    GuestConfig near = GuestConfig.of(host + 1);
    GuestConfig far = GuestConfig.of(2 - host);
    return """
        uplinks:
          lan: {transport: tuntap, bridge.device: %s}
          wan: {transport: iouring, address: %s}
        remotes:
          - id: far
            mac: '%s'
            addresses: [%s, '%s']
            uplink: wan
            endpoint: %s
            alternatives: [{uplink: lan}]
        guests:
          - {id: %s, mac: '%s', socket: %s}
        """
        .formatted(
            JoinedNamespaces.LINK,
            address(host),
            far.mac(),
            far.address(),
            far.address6(),
            address(1 - host),
            near.name(),
            near.mac(),
            folder.resolve("guest.sock"));
  }

  @Test
  void numberedFramesArriveOnceThroughTwoSwaps() throws Exception {
    traffic.numbers(2);
  }

  @Test
  void aStreamIsWhatWasSentThroughTwoSwaps() throws Exception {
    traffic.stream(2);
  }

  @LongTier("swap-two-hosts")
  void numberedFramesArriveOnceThroughAHundredSwaps() throws Exception {
    traffic.numbers(100);
  }

  @LongTier("swap-two-hosts-stream")
  void aStreamIsWhatWasSentThroughAHundredSwaps() throws Exception {
    traffic.stream(100);
  }
}
