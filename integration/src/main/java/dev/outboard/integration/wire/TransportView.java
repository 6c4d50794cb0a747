package dev.outboard.integration.wire;

import java.util.List;

/**
 * A transport that is installed, and whether this host can run it.
 *
 * @param reason what is missing, or empty
 * @param remedy what to do about it, or empty
 */
public record TransportView(
    String name, boolean usable, String reason, String remedy, List<SettingView> settings) {

  /** One setting an uplink of this transport may have. */
  public record SettingView(String name, String type, String defaultValue, String help) {}
}
