package dev.outboard.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.dpdk.TestpmdConsole.PortStats;
import dev.outboard.testing.SideBySide;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lab tested without the sidecar: a failing end-to-end test is only worth looking at while the
 * same guests, tools and parsers work over the legacy path, a TAP on a Linux bridge.
 */
@SideBySide
class LabTest {
  @BeforeAll
  static void hostCanRunGuests() {
    Lab.require();
  }

  @Test
  void qemuGuestsTalkOverTapsOnBridge() {
    try (Namespace network = Namespace.create()) {
      network.bridge("br0", "tap1", "tap2");
      try (LinuxGuest one = QemuGuest.tap(GuestConfig.of(1), network, "tap1");
          LinuxGuest two = QemuGuest.tap(GuestConfig.of(2), network, "tap2")) {
        assertEquals(one.config().mac(), one.mac());
        String address = two.config().address();
        one.run("ping -c 1 -W 9 " + address);
        one.run("ping -c 1 -W 9 " + two.config().address6());

        Iperf3.serve(two);
        Iperf3 tcp = Iperf3.tcp(one, address, 1);
        assertTrue(tcp.gbits() > 0.01, "TCP: " + tcp);
        Sockperf.serve(two);
        Sockperf udp = Sockperf.udp(one, address, 64, 1);
        assertTrue(udp.average() > 0 && udp.p99() >= udp.p50(), "UDP: " + udp);
        System.out.println("TAP baseline, QEMU: boot " + one.bootTime() + ", " + tcp + ", " + udp);
      }
    }
  }

  @Test
  void qemuGuestsTalkOverVhostUser(@TempDir Path folder) {
    Path[] sockets = {folder.resolve("1"), folder.resolve("2")};
    try (Testpmd backend = Testpmd.vhost(Testpmd.Options.DEFAULT, sockets);
        LinuxGuest one = QemuGuest.vhostUser(GuestConfig.of(1), sockets[0]);
        LinuxGuest two = QemuGuest.vhostUser(GuestConfig.of(2), sockets[1])) {
      one.awaitReady();
      two.awaitReady();
      backend.command("start"); // only now: its polling slows the boot down
      one.run("ping -c 1 -W 9 " + two.config().address());
      Iperf3.serve(two);
      System.out.println("DPDK vhost, QEMU: " + Iperf3.tcp(one, two.config().address(), 1));
    }
  }

  @Test
  void umlGuestsTalkOverVhostUser(@TempDir Path folder) {
    Path[] sockets = {folder.resolve("1"), folder.resolve("2")};
    try (Testpmd backend = Testpmd.vhost(Testpmd.Options.DEFAULT, sockets);
        VhostRelay relayOne = new VhostRelay(folder.resolve("r1"), sockets[0], VhostRelay.UML);
        VhostRelay relayTwo = new VhostRelay(folder.resolve("r2"), sockets[1], VhostRelay.UML);
        LinuxGuest one = UmlGuest.vhostUser(GuestConfig.of(1), relayOne.path());
        LinuxGuest two = UmlGuest.vhostUser(GuestConfig.of(2), relayTwo.path())) {
      one.awaitReady();
      two.awaitReady();
      backend.command("start"); // only now: its polling slows the boot down
      String address = two.config().address();
      one.run("ping -c 1 -W 9 " + address);
      one.run("ping -c 1 -W 9 " + two.config().address6());
      Iperf3.serve(two);
      Sockperf.serve(two);
      Iperf3 tcp = Iperf3.tcp(one, address, 1);
      System.out.println("DPDK vhost, UML: " + tcp + ", " + Sockperf.udp(one, address, 64, 1));
    }
  }

  @Test
  void consoleCarriesOutputAndExitCode() {
    try (LinuxGuest guest = UmlGuest.isolated(GuestConfig.of(1))) {
      LinuxGuest.Result result = guest.run("echo one; echo two >&2; exit 7", Duration.ofSeconds(9));
      assertEquals(new LinuxGuest.Result(7, "one\ntwo"), result);
      assertEquals("no newline", guest.run("printf 'no newline'"));
      assertEquals("", guest.run("true"));
      assertEquals("x".repeat(50_000), guest.run("head -c 50000 /dev/zero | tr '\\0' x"));
      System.out.println("UML: boot " + guest.bootTime());
    }
  }

  @Test
  void testpmdMeetsItselfOverVhostUser(@TempDir Path folder) throws InterruptedException {
    Path[] sockets = {folder.resolve("0"), folder.resolve("1")};
    try (Testpmd backend = Testpmd.vhost(Testpmd.Options.DEFAULT.onCpu(0), sockets)) {
      backend.command("start");
      try (Testpmd frontend = Testpmd.virtioUser(Testpmd.Options.DEFAULT, sockets)) {
        frontend.command("set txpkts 64");
        frontend.command("start tx_first 8");
        frontend.stats();
        Thread.sleep(1000);
        List<PortStats> stats = frontend.stats();
        assertEquals(2, stats.size());
        assertTrue(stats.get(0).rxRate() > 0 && stats.get(1).rxRate() > 0, "" + stats);
        frontend.command("stop");
        long received = frontend.extendedStats(0).get("rx_q0_size_64_packets");
        assertTrue(received >= stats.get(0).rxPackets(), "" + received);
        System.out.println("DPDK vhost, virtio-user: " + stats);
      }
    }
  }

  @Test
  void killedTestLeavesNothing(@TempDir Path folder) throws IOException, InterruptedException {
    String tag = "LAB_TAG=" + UUID.randomUUID();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Doutboard.root=" + Lab.root(),
            LabVictim.class.getName(),
            folder.toString());
    builder.environment().put("LAB_TAG", tag.substring(tag.indexOf('=') + 1));
    Process victim = builder.redirectErrorStream(true).start();
    try (BufferedReader output = victim.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      assertTrue(line != null && line.startsWith("up "), line);
      assertTrue(tagged(tag) > 6, "JVM, holder, QEMU, unshare, socat, UML, testpmd");
    } finally {
      victim.destroyForcibly();
    }
    for (int i = 0; i < 100 && tagged(tag) > 0; i++) {
      Thread.sleep(50);
    }
    assertEquals(0, tagged(tag));
  }

  /** The processes of this host that have the variable in their environment. */
  private static long tagged(String variable) {
    return ProcessHandle.allProcesses()
        .filter(
            process -> {
              Path environment = Path.of("/proc/" + process.pid() + "/environ");
              try {
                return Files.readString(environment, StandardCharsets.ISO_8859_1)
                    .contains(variable);
              } catch (IOException e) {
                return false; // it ended meanwhile
              }
            })
        .count();
  }
}
