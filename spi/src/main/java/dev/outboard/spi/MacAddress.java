package dev.outboard.spi;

import java.util.regex.Pattern;

/**
 * An Ethernet address. {@code bits} holds the six bytes in the order they have on the wire, the
 * first one in bits 40 to 47.
 *
 * @param bits the address, in the lower 48 bits
 */
public record MacAddress(long bits) {
  private static final Pattern TEXT = Pattern.compile("\\p{XDigit}{2}(:\\p{XDigit}{2}){5}");
  private static final long MULTICAST_BIT = 1L << 40;

  /** Refuses bits beyond the 48 of an address. */
  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("a MAC address has 48 bits: " + Long.toHexString(bits));
    }
  }

  /** Reads {@code 52:54:00:12:34:56}. */
  public static MacAddress parse(String text) {
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not a MAC address: '" + text + "', write it like 52:54:00:12:34:56");
    }
    return new MacAddress(Long.parseLong(text.replace(":", ""), 16));
  }

  /** Whether the address names a group; such an address can't be a guest's own. */
  public boolean isMulticast() {
    return (bits & MULTICAST_BIT) != 0;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      int octet = (int) (bits >>> shift) & 0xff;
      text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
      if (shift > 0) {
        text.append(':');
      }
    }
    return text.toString();
  }
}
