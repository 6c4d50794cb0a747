package com.example.outboard.incubator;

import dev.outboard.spi.TransportException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** How users write an address and a port: {@code 192.0.2.1:7000} or {@code [2001:db8::1]:7000}. */
final class Endpoint {
  private Endpoint() {}

  static InetSocketAddress parse(String text) throws TransportException {
    try {
      int colon = text.lastIndexOf(':');
      InetAddress host = InetAddress.ofLiteral(text.substring(0, colon));
      return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new TransportException(
          "not an address and port: '%s', write it like 192.0.2.1:7000"
              .formatted(text.replaceAll("\\p{Cntrl}", "?")),
          e);
    }
  }
}
