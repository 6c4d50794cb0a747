package dev.outboard.engine.forwarding;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * A range of IP addresses, as in {@code 10.1.0.0/16}. Immutable; asked by workers.
 *
 * @param address the first of them; IPv4 or IPv6
 * @param length how many leading bits all of them have in common
 */
public record Prefix(InetAddress address, int length) {

  /** Refuses lengths that the address does not have. */
  public Prefix {
    if (length < 0 || length > address.getAddress().length * 8) {
      throw new IllegalArgumentException(
          "a prefix of " + address + " can't have " + length + " bits");
    }
  }

  /** Whether it is a range of IPv4 addresses. */
  public boolean isIpv4() {
    return address instanceof Inet4Address;
  }

  /** Whether an IPv4 address is in the range, which must be one of IPv4. */
  boolean contains4(int other) {
    return length == 0 || (SourceCheck.ipv4(address) ^ other) >>> (32 - length) == 0;
  }

  /** Whether an IPv6 address is in the range, which must be one of IPv6. */
  boolean contains6(long high, long low) {
    long highBits = SourceCheck.high(address) ^ high;
    long lowBits = SourceCheck.low(address) ^ low;
    if (length <= 64) {
      return length == 0 || highBits >>> (64 - length) == 0;
    }
    return highBits == 0 && lowBits >>> (128 - length) == 0;
  }
}
