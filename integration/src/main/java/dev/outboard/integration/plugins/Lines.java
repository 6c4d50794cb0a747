package dev.outboard.integration.plugins;

/** Makes one line of what plugins say, however they say it. Any thread. */
final class Lines {
  private static final int LONGEST = 300;

  private Lines() {}

  /** The first line of a text, not too long, without control characters. */
  static String one(String text) {
    if (text == null || text.isBlank()) {
      return "no message";
    }
    String line = text.strip().lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", " ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }
}
