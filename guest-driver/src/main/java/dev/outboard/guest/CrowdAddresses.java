package dev.outboard.guest;

/**
 * Who is who where many guests on two hosts talk in pairs: guest number i of one host with guest
 * number i of the other, or with address number i of the other host itself. All are in 10.0.0.0/8.
 */
public final class CrowdAddresses {
  /** Guests of a host at most. */
  public static final int MOST = 1000;

  private static final int ROW = 250;

  private CrowdAddresses() {}

  /**
   * A microVM.
   *
   * @param host 0 or 1
   * @param number from 0 on
   */
  public static Endpoint guest(int host, int number) {
    return Endpoint.of(guestMac(host, number), guestIp(host, number));
  }

  /** The Ethernet address of a microVM. */
  public static String guestMac(int host, int number) {
    return "52:54:00:0%d:%02x:%02x".formatted(host + 1, number >> 8, number & 0xff);
  }

  /** The IP address of a microVM. */
  public static String guestIp(int host, int number) {
    return ip(host + 1, number);
  }

  /** One of a host's own addresses. */
  public static Endpoint end(int host, int number) {
    return Endpoint.of(endMac(host), endIp(host, number));
  }

  /** The Ethernet address of the device that all of a host's own addresses are on. */
  public static String endMac(int host) {
    return "52:54:00:1%d:00:00".formatted(host + 1);
  }

  /** One of a host's own addresses. */
  public static String endIp(int host, int number) {
    return ip(host + 11, number);
  }

  private static String ip(int net, int number) {
    if (number < 0 || number >= MOST) {
      throw new IllegalArgumentException("there are " + MOST + " at most");
    }
    return "10." + net + "." + number / ROW + "." + (number % ROW + 1);
  }
}
