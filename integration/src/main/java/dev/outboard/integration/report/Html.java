package dev.outboard.integration.report;

import java.util.Locale;

/**
 * Text on its way into markup. Names of guests and arms come from anybody, so each text passes here
 * and no other class of this package may concatenate one into markup.
 */
final class Html {
  private static final char UNKNOWN = '\uFFFD';

  private Html() {}

  /**
   * As content or as an attribute's value in double quotes. What is no visible character, or turns
   * the writing around, becomes a sign that something was there.
   */
  static String text(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(point -> append(escaped, point));
    return escaped.toString();
  }

  private static void append(StringBuilder escaped, int point) {
    switch (point) {
      case '&' -> escaped.append("&amp;");
      case '<' -> escaped.append("&lt;");
      case '>' -> escaped.append("&gt;");
      case '"' -> escaped.append("&quot;");
      case '\'' -> escaped.append("&#39;");
      case '\n', '\t' -> escaped.append(' ');
      default -> {
        if (isHidden(point)) {
          escaped.append(UNKNOWN);
        } else {
          escaped.appendCodePoint(point);
        }
      }
    }
  }

  private static boolean isHidden(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /**
   * JSON inside of a script element, where only a less-than sign could end it. It stands in strings
   * alone, where JSON has another way to write it.
   */
  static String json(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  /** Fills in markup of ours; all texts in it have passed {@link #text}. */
  static String format(String markup, Object... values) {
    return String.format(Locale.ROOT, markup, values);
  }
}
