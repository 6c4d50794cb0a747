package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast the wire between two hosts is at most. Immutable.
 *
 * @param text as the user wrote it, which is as {@code tc} reads it
 * @param bitsPerSecond what that is
 */
public record LinkRate(String text, long bitsPerSecond) {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})(kbit|mbit|gbit)");
  private static final Map<String, Long> UNITS =
      Map.of("kbit", 1_000L, "mbit", 1_000_000L, "gbit", 1_000_000_000L);
  private static final long LEAST = 1_000_000;
  private static final long MOST = 100_000_000_000L;

  /** A bucket of a millisecond: more would be no limit, less would not reach the rate. */
  private static final long PER_SECOND = 1000;

  private static final long LEAST_BUCKET = 1 << 16;

  /** All that is under way at a time fits in. */
  private static final long QUEUE = 1 << 20;

  /** Reads a rate such as {@code 1gbit}. */
  public static LinkRate parse(String text) throws UserException {
    Matcher matcher = FORM.matcher(text);
    long bits =
        matcher.matches() ? Long.parseLong(matcher.group(1)) * UNITS.get(matcher.group(2)) : 0;
    if (bits < LEAST || bits > MOST) {
      throw UserException.input(
          "--link-rate must be between 1mbit and 100gbit, such as 500mbit, not '" + text + "'",
          null);
    }
    return new LinkRate(text, bits);
  }

  /** What limits the frames that leave by this device. */
  String[] command(String device) {
    long bucket = Math.max(LEAST_BUCKET, bitsPerSecond / Byte.SIZE / PER_SECOND);
    return new String[] {
      "tc",
      "qdisc",
      "add",
      "dev",
      device,
      "root",
      "tbf",
      "rate",
      text,
      "burst",
      bucket + "b",
      "limit",
      (bucket + QUEUE) + "b"
    };
  }
}
