package dev.outboard.transport.dpdk.underlay;

import dev.outboard.spi.TransportException;
import java.util.function.LongSupplier;

/** The two kinds of underlay, with addresses for tests. */
enum Family {
  IPV4("192.0.2.", "/24", "192.0.2.254", "198.51.100.9", 50),
  IPV6("2001:db8::", "/64", "fe80::fe", "2001:db8:1::9", 70);

  /** Places of fields, from the packet's begin on. */
  final int headers;

  final int udp;
  final String elsewhere;
  final String gateway;
  private final String network;
  private final String prefix;

  Family(String network, String prefix, String gateway, String elsewhere, int headers) {
    this.network = network;
    this.prefix = prefix;
    this.gateway = gateway;
    this.elsewhere = elsewhere;
    this.headers = headers;
    udp = headers - 16;
  }

  String address(int host) {
    return network + host;
  }

  static long mac(int host) {
    return 0x0200_0000_0000L + host;
  }

  /** A host of the link. */
  NextHops host(int host, String itsGateway, LongSupplier clock) throws TransportException {
    return new NextHops(
        UnderlayAddress.parse(mac(host), address(host) + prefix, itsGateway, 4789), clock);
  }
}
