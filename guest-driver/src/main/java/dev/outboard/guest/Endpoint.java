package dev.outboard.guest;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A guest's addresses, as they stand in its frames. Immutable; any thread.
 *
 * @param mac the Ethernet address, in the lower 48 bits
 * @param address the IP address
 */
public record Endpoint(long mac, InetAddress address) {
  /** Reads addresses such as {@code 52:54:00:00:00:01} and {@code 10.0.0.1}; no names. */
  public static Endpoint of(String mac, String address) {
    if (!address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
      throw new IllegalArgumentException("not an IP address: '" + address + "'");
    }
    try {
      return new Endpoint(Frames.mac(mac), InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IP address: '" + address + "'", e);
    }
  }

  /** The address as bytes: 4 or 16. */
  public byte[] ip() {
    return address.getAddress();
  }

  /** Whether the address is IPv4. */
  public boolean isIpv4() {
    return ip().length == 4;
  }
}
