package dev.outboard.guest;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Settings written as {@code key=value}. Each reader names the key and its default; a key that
 * nobody has read is a mistake of the user. One thread.
 */
final class KeyValues {
  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();

  /** Throws if a word is not a setting, or a key comes twice. */
  KeyValues(List<String> words) {
    for (String word : words) {
      int sign = word.indexOf('=');
      if (sign <= 0) {
        throw new IllegalArgumentException("'" + word + "' is not of the form key=value");
      }
      if (values.put(word.substring(0, sign), word.substring(sign + 1)) != null) {
        throw new IllegalArgumentException("'" + word.substring(0, sign) + "' is set twice");
      }
    }
  }

  String text(String key, String otherwise) {
    known.add(key);
    return values.getOrDefault(key, otherwise);
  }

  String required(String key) {
    String value = text(key, null);
    if (value == null) {
      throw new IllegalArgumentException("'" + key + "' must be set");
    }
    return value;
  }

  int number(String key, int otherwise) {
    String value = text(key, null);
    try {
      return value == null ? otherwise : Integer.decode(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + key + "' is not a number: " + value, e);
    }
  }

  double real(String key, double otherwise) {
    String value = text(key, null);
    try {
      return value == null ? otherwise : Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + key + "' is not a number: " + value, e);
    }
  }

  <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
    String value = text(key, null);
    if (value == null) {
      return otherwise;
    }
    for (E constant : type.getEnumConstants()) {
      if (name(constant).equals(value)) {
        return constant;
      }
    }
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(KeyValues::name)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "'" + key + "' can't be '" + value + "': it is one of " + names);
  }

  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Throws if a setting was given that nobody asked for. */
  void requireAllKnown() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "unknown setting '" + key + "'; known here: " + String.join(", ", known));
      }
    }
  }
}
