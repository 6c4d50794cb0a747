package dev.outboard.integration.doctor;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first two numbers of a program's or the kernel's version: they say what it can do. */
record ReleaseNumber(int major, int minor) {
  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");
  private static final Comparator<ReleaseNumber> ORDER =
      Comparator.comparingInt(ReleaseNumber::major).thenComparingInt(ReleaseNumber::minor);

  static ReleaseNumber ofKernel(HostFiles files) {
    return parse(files.text("/proc/sys/kernel/osrelease").orElse(""));
  }

  /** The first version in a text; 0.0 if there is none. */
  static ReleaseNumber parse(String text) {
    Matcher found = NUMBERS.matcher(text);
    return found.find()
        ? new ReleaseNumber(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)))
        : new ReleaseNumber(0, 0);
  }

  boolean isBefore(ReleaseNumber other) {
    return ORDER.compare(this, other) < 0;
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
