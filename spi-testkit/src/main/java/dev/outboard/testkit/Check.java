package dev.outboard.testkit;

import dev.outboard.spi.TransportException;
import java.util.function.Supplier;

/** What a rule finds out, and how it says what it has seen instead. */
final class Check {
  private static final int LONGEST_LINE = 400;

  /** What a transport may refuse. */
  interface Call {
    void run() throws TransportException;
  }

  private Check() {}

  static void that(boolean holds, Supplier<String> seen) {
    if (!holds) {
      throw new AssertionError(seen.get());
    }
  }

  static void same(Object expected, Object seen, String what) {
    if (!expected.equals(seen)) {
      throw new AssertionError("%s: %s, not %s".formatted(what, seen, expected));
    }
  }

  /** The call must be refused by one line, which is returned. */
  static String refused(String what, Call call) {
    try {
      call.run();
    } catch (TransportException e) {
      return line(what, e);
    } catch (RuntimeException e) {
      throw new AssertionError(what + " threw " + e, e);
    }
    throw new AssertionError(what + " was not refused");
  }

  /** The call may be refused, then by one line. Whether it was. */
  static boolean mayBeRefused(String what, Call call) {
    try {
      call.run();
      return false;
    } catch (TransportException e) {
      line(what, e);
      return true;
    } catch (RuntimeException e) {
      throw new AssertionError(what + " threw " + e, e);
    }
  }

  /** The call must not throw. */
  static void quietly(String what, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      throw new AssertionError(what + " threw " + e, e);
    }
  }

  private static String line(String what, TransportException e) {
    line(what + " was refused by", e.getMessage());
    return e.getMessage();
  }

  /** A text for users must be one line. */
  static void line(String what, String text) {
    that(
        text != null && !text.isBlank() && text.lines().count() == 1,
        () -> "%s '%s'".formatted(what, text));
    that(text.length() <= LONGEST_LINE, () -> what + " a line of " + text.length() + " letters");
  }
}
