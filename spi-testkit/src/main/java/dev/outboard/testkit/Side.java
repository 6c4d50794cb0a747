package dev.outboard.testkit;

import java.util.HashMap;
import java.util.Map;

/**
 * One of the two uplinks that the kit lets talk to each other.
 *
 * @param endpoint what the other side gives to {@code openPeer} to reach this one; empty where the
 *     transport has no peers
 * @param settings those that differ from their defaults
 */
public record Side(String endpoint, Map<String, String> settings) {
  /** A copy that nobody changes. */
  public Side {
    settings = Map.copyOf(settings);
  }

  /** A side that others reach by this text, with default settings. */
  public static Side at(String endpoint) {
    return new Side(endpoint, Map.of());
  }

  /** A side of a transport without peers, with default settings. */
  public static Side withDefaults() {
    return at("");
  }

  /** The same, with one setting more. */
  public Side with(String setting, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(setting, value);
    return new Side(endpoint, more);
  }
}
