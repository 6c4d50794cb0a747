package dev.outboard.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The lab tested without the sidecar: a failing end-to-end test is only worth looking at while the
 * same guests, tools and parsers work over the legacy path, a TAP on a Linux bridge.
 */
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
        one.run("ping -c 2 -W 5 " + address);
        one.run("ping -c 2 -W 5 " + two.config().address6());

        Iperf3.serve(two);
        Iperf3 tcp = Iperf3.tcp(one, address, 2);
        assertTrue(tcp.gbits() > 0.01, "TCP: " + tcp);
        Sockperf.serve(two);
        Sockperf udp = Sockperf.udp(one, address, 64, 2);
        assertTrue(udp.average() > 0 && udp.p99() >= udp.p50(), "UDP: " + udp);
        System.out.println("TAP baseline, QEMU: boot " + one.bootTime() + ", " + tcp + ", " + udp);
      }
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
}
