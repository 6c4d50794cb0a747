package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.lab.Iperf3;
import dev.outboard.lab.LinuxGuest;

/**
 * What a guest and somebody on another host do to show that they reach each other whole: the same
 * for all transports, whoever the other is. It must answer pings and serve iperf3 already.
 */
final class TwoHostTraffic {
  /**
   * Starts the servers that all runs need, one for each: a late datagram of one run must not pass
   * for the first of another.
   */
  static final String SERVE =
      "for p in $(seq 5201 5216); do iperf3 -s -D -p $p >/dev/null 2>&1; done; sleep 0.5";

  private static final int FIRST_PORT = 5201;

  private static final String TCP_BYTES = "8M";
  private static final String UDP_BYTES = "200K";

  private static final int SHORT_DATAGRAM = 1000;

  /** A datagram that takes several frames, and fits in no single one of the networks here. */
  private static final int LONG_DATAGRAM = 4000;

  /** Gbit/s that show that it works; how fast it is says nothing on a busy machine. */
  private static final double LEAST = 1e-4;

  private final LinuxGuest guest;
  private final String address;
  private final String address6;

  private int runs;

  TwoHostTraffic(LinuxGuest guest, String address, String address6) {
    this.guest = guest;
    this.address = address;
    this.address6 = address6;
  }

  /** Pings by IPv4 and IPv6, with packets that fit in a frame and packets that have to be cut. */
  void ping() {
    for (String to : new String[] {address, address6}) {
      guest.run("ping -c 2 -i 0.2 -W 9 " + to);
      guest.run("ping -c 2 -i 0.2 -W 9 -s " + LONG_DATAGRAM + " " + to);
    }
  }

  /** TCP both ways, by IPv4 and IPv6. Gives what was reached, in a line. */
  String tcp() {
    StringBuilder text = new StringBuilder("TCP Gbit/s");
    for (String to : new String[] {address, address6}) {
      for (String direction : new String[] {"", "-R"}) {
        Iperf3 result = run(to, TCP_BYTES, direction);
        assertTrue(result.gbits() > LEAST, to + " " + direction + " " + result);
        text.append(String.format(" %.2f", result.gbits()));
      }
    }
    return text.toString();
  }

  /** UDP both ways, by IPv4 and IPv6, one frame for a datagram and several: any two together. */
  String udp() {
    return "UDP lost %"
        + udp(address, SHORT_DATAGRAM, "")
        + udp(address, LONG_DATAGRAM, "-R")
        + udp(address6, LONG_DATAGRAM, "")
        + udp(address6, SHORT_DATAGRAM, "-R");
  }

  private String udp(String to, int length, String direction) {
    String options = "-u -b 20M -w 200K -l " + length + " " + direction;
    Iperf3 result = run(to, UDP_BYTES, options);
    // What is lost is lost in the guests' own sockets: the counters are checked besides.
    assertTrue(result.gbits() > LEAST, to + " " + options + " " + result);
    return String.format(" %.1f", result.lostPercent());
  }

  private Iperf3 run(String to, String bytes, String options) {
    return Iperf3.transfer(guest, to, bytes, "-p " + (FIRST_PORT + runs++) + " " + options);
  }
}
