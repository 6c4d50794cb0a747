package dev.outboard.integration.config;

import dev.outboard.integration.wire.Names;
import dev.outboard.spi.MacAddress;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The checks that values of several kinds share; each failure says what would be right. */
final class Checks {
  /** What a Unix socket's address holds, less the final zero. */
  private static final int SOCKET_PATH_BYTES = 107;

  private Checks() {}

  static List<Object> at(List<Object> base, Object... steps) {
    List<Object> path = new ArrayList<>(base);
    path.addAll(List.of(steps));
    return List.copyOf(path);
  }

  static int range(List<Object> path, Integer value, int fallback, int min, int max)
      throws InvalidValueException {
    if (value == null) {
      return fallback;
    }
    if (value < min || value > max) {
      throw new InvalidValueException(
          path, label(path) + " must be between " + min + " and " + max + ", not " + value);
    }
    return value;
  }

  static String name(List<Object> path, String value) throws InvalidValueException {
    if (!Names.isName(value)) {
      throw new InvalidValueException(
          path, label(path) + " '" + value + "' is not a name: " + Names.RULE);
    }
    return value;
  }

  static int mode(List<Object> path, String value, int fallback) throws InvalidValueException {
    if (value == null) {
      return fallback;
    }
    if (!value.matches("0?[0-7]{3}")) {
      throw new InvalidValueException(
          path, label(path) + " '" + value + "' must be three octal digits, for example 0660");
    }
    return Integer.parseInt(value, 8);
  }

  static Path absolute(List<Object> path, String value) throws InvalidValueException {
    if (!value.startsWith("/")) {
      throw new InvalidValueException(
          path, label(path) + " '" + value + "' must be an absolute path, starting with '/'");
    }
    return Path.of(value).normalize();
  }

  static Path socket(List<Object> path, String value) throws InvalidValueException {
    return socket(path, absolute(path, value));
  }

  static Path socket(List<Object> path, Path value) throws InvalidValueException {
    if (value.toString().getBytes(StandardCharsets.UTF_8).length > SOCKET_PATH_BYTES) {
      throw new InvalidValueException(
          path,
          label(path)
              + " "
              + value
              + " is longer than the 107 bytes a Unix socket's path may have");
    }
    return value;
  }

  static InetAddress address(List<Object> path, String value) throws InvalidValueException {
    try {
      return InetAddress.ofLiteral(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(
          path, "'" + value + "' is not an IP address; write it like 10.0.0.2 or fd00::2");
    }
  }

  /** The addresses that a station may have. */
  static List<InetAddress> addresses(List<Object> path, List<String> texts)
      throws InvalidValueException {
    List<InetAddress> addresses = new ArrayList<>();
    for (String text : texts == null ? List.<String>of() : texts) {
      InetAddress address = address(at(path, addresses.size()), String.valueOf(text));
      if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
        throw new InvalidValueException(
            at(path, addresses.size()), label(path) + ": " + text + " can't be a guest's own");
      }
      addresses.add(address);
    }
    return addresses;
  }

  /** A MAC address that a station may have. */
  static MacAddress mac(List<Object> path, String text) throws InvalidValueException {
    MacAddress mac;
    try {
      mac = MacAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(path, label(path) + ": " + e.getMessage());
    }
    if (mac.isMulticast() || mac.bits() == 0) {
      throw new InvalidValueException(
          path, label(path) + " " + mac + " can't be a guest's own: use one that starts with 02");
    }
    return mac;
  }

  static <T> T known(
      List<Object> path, String what, String value, Collection<String> names, T found)
      throws InvalidValueException {
    return known(path, what, value, names, found, "");
  }

  /**
   * Refuses what is not known.
   *
   * @param more said at the end
   */
  static <T> T known(
      List<Object> path, String what, String value, Collection<String> names, T found, String more)
      throws InvalidValueException {
    if (found == null) {
      String list = names.isEmpty() ? "there are none" : "known: " + String.join(", ", names);
      throw new InvalidValueException(
          path, String.format(Locale.ROOT, "unknown %s '%s'; %s%s", what, value, list, more));
    }
    return found;
  }

  /** A place in the words of the file: {@code guests[0].mac}. */
  static String label(List<Object> path) {
    StringBuilder label = new StringBuilder();
    for (Object step : path) {
      if (step instanceof Integer index) {
        label.append('[').append(index).append(']');
      } else {
        label.append(label.isEmpty() ? "" : ".").append(step);
      }
    }
    return label.toString();
  }
}
