package dev.outboard.packet.peers;

import dev.outboard.spi.TransportException;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * A peer's address and port, as users write it. Nothing is looked up in DNS.
 *
 * @param address one host's
 * @param port its port, of UDP or TCP, 0 where it does not matter
 */
public record Endpoint(InetAddress address, int port) {
  private static final int MOST_PORT = 0xffff;

  /**
   * Reads {@code 192.0.2.7}, {@code 192.0.2.7:4789}, {@code 2001:db8::1} or {@code
   * [2001:db8::1]:4789}.
   */
  public static Endpoint parse(String text, int defaultPort) throws TransportException {
    String host = text.trim();
    int port = defaultPort;
    int bracket = host.lastIndexOf(']');
    int colon = host.lastIndexOf(':');
    boolean isOnlyColon = colon >= 0 && host.indexOf(':') == colon;
    boolean isBehindBracket = bracket > 0 && colon > bracket;
    if (isOnlyColon || isBehindBracket) {
      port = port(text, host.substring(colon + 1));
      host = host.substring(0, colon);
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    Endpoint endpoint = new Endpoint(address(text, host), port);
    if (endpoint.address.isAnyLocalAddress() || endpoint.address.isMulticastAddress()) {
      throw new TransportException(quoted(text) + " is no endpoint: it is not one host's address");
    }
    return endpoint;
  }

  private static InetAddress address(String text, String host) throws TransportException {
    try {
      InetAddress address = InetAddress.ofLiteral(host);
      // 192.0.2 would be 192.0.0.2.
      if (host.indexOf(':') >= 0 || address.getHostAddress().equals(host)) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      throw noEndpoint(text, e);
    }
    throw noEndpoint(text, null);
  }

  private static TransportException noEndpoint(String text, Throwable cause) {
    return new TransportException(
        quoted(text)
            + " is no endpoint; write an IP address, with a port where it is another:"
            + " 192.0.2.7, 192.0.2.7:4790 or [2001:db8::1]:4790",
        cause);
  }

  /** The text in one line, whatever is in it. */
  private static String quoted(String text) {
    return "'" + text.replaceAll("\\p{Cntrl}", "?") + "'";
  }

  private static int port(String text, String port) throws TransportException {
    try {
      int number = Integer.parseInt(port);
      if (number > 0 && number <= MOST_PORT) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new TransportException(quoted(text) + ": the port is not a number", e);
    }
    throw new TransportException(quoted(text) + ": a port is a number from 1 to 65535");
  }

  /** Whether the address is an IPv6 one. */
  public boolean isIpv6() {
    return address instanceof Inet6Address;
  }

  /** The upper half of an IPv6 address, 0 for IPv4. */
  public static long high(InetAddress address) {
    return address instanceof Inet6Address ? number(address.getAddress(), 0, Long.BYTES) : 0;
  }

  /** The lower half of an IPv6 address, or the IPv4 address. */
  public static long low(InetAddress address) {
    byte[] bytes = address.getAddress();
    int from = address instanceof Inet6Address ? Long.BYTES : 0;
    return number(bytes, from, bytes.length);
  }

  private static long number(byte[] bytes, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      number = number << 8 | (bytes[i] & 0xff);
    }
    return number;
  }

  @Override
  public String toString() {
    String host = address.getHostAddress();
    return (isIpv6() ? "[" + host + "]" : host) + ":" + port;
  }
}
