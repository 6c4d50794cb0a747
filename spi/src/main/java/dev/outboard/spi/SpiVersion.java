package dev.outboard.spi;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of this contract. A plugin's jar names the one that it was built for in its manifest
 * ({@link #MANIFEST_ATTRIBUTE}), so that a sidecar with another one can refuse it in a sentence
 * before it runs any of its code. Any thread.
 *
 * @param major grows when plugins must be changed
 * @param minor grows when something is added that older plugins do without; as long as {@code
 *     major} is 0, also when plugins must be changed
 */
public record SpiVersion(int major, int minor) {
  /** The version that these classes are, as plugins write it into their manifest. */
  public static final String CURRENT = "1.0";

  /** The attribute in the main section of a jar's manifest. */
  public static final String MANIFEST_ATTRIBUTE = "Outboard-Spi-Version";

  private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

  /** The version that these classes are. */
  public static SpiVersion current() {
    return parse(CURRENT);
  }

  /**
   * Reads {@code 1.0}.
   *
   * @throws IllegalArgumentException with one line for the user
   */
  public static SpiVersion parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "not an SPI version: '" + text + "', write it like " + CURRENT);
    }
    return new SpiVersion(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
  }

  /** Whether a sidecar with that version can use what was built for this one. */
  public boolean isUsableBy(SpiVersion sidecar) {
    return major == sidecar.major && (major == 0 ? minor == sidecar.minor : minor <= sidecar.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
