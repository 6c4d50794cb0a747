package dev.outboard.integration.wire;

import java.util.Locale;
import java.util.regex.Pattern;

/** How values are spelled for users. Called wherever one is printed. */
public final class Names {
  /** What a name may be, in words. */
  public static final String RULE = "use up to 63 letters, digits, '.', '_' and '-'";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  private Names() {}

  /** Whether a guest, a tenant or an uplink can be called this. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** The name of a constant, in lower case and with hyphens. */
  public static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Permissions as four octal digits. */
  public static String octal(int mode) {
    return String.format(Locale.ROOT, "%04o", mode);
  }
}
