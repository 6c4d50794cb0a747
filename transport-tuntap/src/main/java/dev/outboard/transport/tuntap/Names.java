package dev.outboard.transport.tuntap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Names of our devices. The kernel allows 15 bytes, too few to say whose a device is, so that goes
 * into the alias ({@code ip -d link} shows it). Control thread and keeper.
 */
final class Names {
  private static final String PREFIX = "ob";
  private static final String ALIAS_PREFIX = "outboard owner=";

  /** 13 digits of base 36 hold 67 bits: enough that two bridges never meet. */
  private static final int HASH_DIGITS = 13;

  private static final int LONGEST_ALIAS = 255;
  private static final long POSITIVE = Long.MAX_VALUE;

  /** Counts for all instances in this process, which share the pid in the names. */
  private static final AtomicInteger TAPS = new AtomicInteger();

  private Names() {}

  /** The name of a bridge: the same for the same uplink, network and tenant, and this addition. */
  static String bridge(String addition, String uplink, int network, String tenant) {
    byte[] digest = sha256(addition + "\n" + uplink + "\n" + network + "\n" + tenant);
    long bits = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      bits = (bits << 8) | (digest[i] & 0xff);
    }
    String text = Long.toString(bits & POSITIVE, Character.MAX_RADIX);
    return PREFIX + "0".repeat(HASH_DIGITS - text.length()) + text;
  }

  /** An address for a bridge itself: its own choice would change whenever ports come and go. */
  static long bridgeMac(String name) {
    byte[] digest = sha256(name);
    long mac = 0x02;
    for (int i = 0; i < 5; i++) {
      mac = (mac << 8) | (digest[i] & 0xff);
    }
    return mac;
  }

  /** The next name for a TAP; it says nothing of a guest, for TAPs are used again. */
  static String nextTap(Owner owner) {
    return PREFIX
        + Integer.toString(owner.pid(), Character.MAX_RADIX)
        + "t"
        + Integer.toString(TAPS.getAndIncrement(), Character.MAX_RADIX);
  }

  /** What is written on a bridge. */
  static String bridgeAlias(Owner owner, String uplink, int network, String tenant) {
    return shorten(
        ALIAS_PREFIX + owner + " uplink=" + uplink + " network=" + network + " tenant=" + tenant);
  }

  /** What is written on a TAP while it is a guest's port. */
  static String portAlias(Owner owner, String uplink, String guest) {
    return shorten(ALIAS_PREFIX + owner + " uplink=" + uplink + " guest=" + guest);
  }

  /** The owner that an alias names; null if the device is not one of ours. */
  static Owner owner(String name, String alias) {
    if (!name.startsWith(PREFIX) || !alias.startsWith(ALIAS_PREFIX)) {
      return null;
    }
    int end = alias.indexOf(' ', ALIAS_PREFIX.length());
    return end < 0 ? null : Owner.parse(alias.substring(ALIAS_PREFIX.length(), end));
  }

  private static String shorten(String alias) {
    String text = alias;
    while (text.getBytes(UTF_8).length > LONGEST_ALIAS) {
      text = text.substring(0, text.length() - 1);
    }
    return text;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
