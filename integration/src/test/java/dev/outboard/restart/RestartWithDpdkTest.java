package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.GuestOptions;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Lab;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A device of DPDK belongs to the process that opened it. So a daemon that has one is not taken
 * over, and runs on as if nobody had asked; but one that is killed leaves the device to the next.
 */
@SideBySide
final class RestartWithDpdkTest {
  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(5);
  private static final String REFUSAL =
      "uplink 'wire': a device of DPDK belongs to the process that opened it";

  @TempDir private Path folder;
  private JoinedNamespaces hosts;

  @BeforeEach
  void makeHosts() {
    Lab.require();
    Lab.requireDpdk();
    hosts = JoinedNamespaces.create(1600).silent();
  }

  @AfterEach
  void removeHosts() {
    if (hosts != null) {
      hosts.close();
    }
  }

  private static String uplink(String driver) {
    return "{transport: dpdk, device: 'net_%s0,iface=%s'}".formatted(driver, JoinedNamespaces.LINK);
  }

  private void configure(int host, String uplinks) throws IOException {
    String text =
        """
        networks: [{id: 1, default: {uplink: wire, endpoint: wire, gateway: true}}]
        uplinks: {wire: %s}
        guests: [{id: g%d, mac: '02:00:00:00:00:0%d', addresses: [10.0.0.%d], socket: %s}]
        """
            .formatted(uplinks, host + 1, host + 1, host + 1, socket(host));
    Files.writeString(folder.resolve(host + ".yaml"), text);
  }

  private Path socket(int host) {
    return folder.resolve(host + ".sock");
  }

  private Path api(int host) {
    return folder.resolve("api" + host + ".sock");
  }

  private DaemonProcess start(int host, String... more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("--config", folder.resolve(host + ".yaml") + ""));
    words.addAll(List.of("--api", api(host) + ""));
    words.addAll(List.of(more));
    return new DaemonProcess(
        hosts.host(host).enter(DaemonProcess.java()), words.toArray(String[]::new));
  }

  private TwoWayLoad load() throws IOException {
    return new TwoWayLoad(GuestOptions.DEFAULT, socket(0), socket(1));
  }

  @Test
  void aTakeOverIsRefusedInALineAndFramesGoOn() throws Exception {
    configure(0, uplink("af_xdp"));
    configure(1, uplink("af_xdp"));
    try (DaemonProcess near = start(0);
        DaemonProcess far = start(1)) {
      near.awaitReady();
      far.awaitReady();
      try (TwoWayLoad load = load()) {
        load.awaitFrames();
        DaemonProcess second = start(0, "--take-over");
        while (second.handle().isAlive()) {
          load.run(SLICE);
        }
        assertEquals(1, second.awaitEnd(), second.said());
        assertTrue(second.said().contains(REFUSAL), second.said());
        load.awaitFrames();
        load.assertNothingLost(0);
      }
    }
  }

  /** Not even with an uplink that the configuration does not have: its guests would lose it. */
  @Test
  void aTakeOverIsRefusedForAnUplinkThatWasOpenedOverTheApi() throws Exception {
    Files.writeString(folder.resolve("0.yaml"), "guests: []\n");
    try (DaemonProcess near = start(0)) {
      near.awaitReady();
      open("{\"transport\": \"dpdk\", \"settings\": {\"device\": \"net_null0\"}}");
      DaemonProcess second = start(0, "--take-over");
      assertEquals(1, second.awaitEnd(), second.said());
      assertTrue(second.said().contains(REFUSAL), second.said());
      assertTrue(near.handle().isAlive(), near.said());
    }
  }

  private void open(String body) throws UserException {
    try (ApiClient client = new ApiClient(api(0))) {
      String _ = client.call("PUT", "/uplinks/wire", body);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"af_xdp", "af_packet"})
  void aKilledDaemonLeavesItsDeviceToTheNext(String driver) throws Exception {
    configure(0, uplink(driver));
    configure(1, uplink(driver));
    DaemonProcess near = start(0);
    try (DaemonProcess far = start(1)) {
      near.awaitReady();
      far.awaitReady();
      try (TwoWayLoad load = load()) {
        load.awaitFrames();
        near.kill();
        near = start(0);
        near.awaitReady();
      }
      try (TwoWayLoad load = load()) {
        load.awaitFrames();
        load.run(TimeUnit.MILLISECONDS.toNanos(300));
        load.assertNothingLost(0);
      }
    } finally {
      near.close();
    }
  }
}
