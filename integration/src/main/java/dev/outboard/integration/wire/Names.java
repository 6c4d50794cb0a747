package dev.outboard.integration.wire;

import java.util.Locale;

/** How values are spelled for users. Called wherever one is printed. */
public final class Names {
  private Names() {}

  /** The name of a constant, in lower case. */
  public static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Permissions as four octal digits. */
  public static String octal(int mode) {
    return String.format(Locale.ROOT, "%04o", mode);
  }
}
