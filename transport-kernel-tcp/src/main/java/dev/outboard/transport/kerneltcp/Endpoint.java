package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.TransportException;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Where a sidecar listens, as users write it. Nothing is looked up in DNS. */
record Endpoint(InetAddress address, int port) {
  private static final int MOST_PORT = 0xffff;

  /** Reads {@code 192.0.2.7}, {@code 192.0.2.7:7400}, {@code 2001:db8::1} or with brackets. */
  static Endpoint parse(String text, int defaultPort) throws TransportException {
    String host = text.trim();
    int port = defaultPort;
    int colon = host.lastIndexOf(':');
    boolean hasPort = colon > 0 && (host.indexOf(':') == colon || host.charAt(colon - 1) == ']');
    if (hasPort) {
      port = port(text, host.substring(colon + 1));
      host = host.substring(0, colon);
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new Endpoint(address(text, host), port);
  }

  private static InetAddress address(String text, String host) throws TransportException {
    try {
      InetAddress address = InetAddress.ofLiteral(host);
      // 192.0.2 would be 192.0.0.2.
      boolean isWhole = host.indexOf(':') >= 0 || address.getHostAddress().equals(host);
      if (isWhole && !address.isAnyLocalAddress() && !address.isMulticastAddress()) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      throw noEndpoint(text, e);
    }
    throw noEndpoint(text, null);
  }

  private static int port(String text, String port) throws TransportException {
    try {
      int number = Integer.parseInt(port);
      if (number > 0 && number <= MOST_PORT) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw noEndpoint(text, e);
    }
    throw noEndpoint(text, null);
  }

  private static TransportException noEndpoint(String text, Throwable cause) {
    return new TransportException(
        "'%s' is no endpoint; write the IP address of one host, with a port where it is another: 192.0.2.7, 192.0.2.7:7401 or [2001:db8::1]:7401"
            .formatted(text.replaceAll("\\p{Cntrl}", "?")),
        cause);
  }

  boolean isIpv6() {
    return address instanceof Inet6Address;
  }

  @Override
  public String toString() {
    String host = address.getHostAddress();
    return (isIpv6() ? "[" + host + "]" : host) + ":" + port;
  }
}
