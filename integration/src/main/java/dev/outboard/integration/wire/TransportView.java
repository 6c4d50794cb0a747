package dev.outboard.integration.wire;

import dev.outboard.spi.Availability;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Optional;

/**
 * A transport that is installed, and whether this host can run it.
 *
 * @param plugin the plugin it comes from, or empty: it is built in
 * @param reason what is missing, or empty
 * @param remedy what to do about it, or empty
 */
public record TransportView(
    String name,
    String plugin,
    boolean usable,
    String reason,
    String remedy,
    List<SettingView> settings) {

  /** One setting an uplink of this transport may have. */
  public record SettingView(String name, String type, String defaultValue, String help) {}

  /**
   * Asks the provider; costs a probe.
   *
   * @param plugin that it comes from
   */
  public static TransportView of(TransportProvider provider, Optional<String> plugin) {
    Availability here = provider.probe();
    List<SettingView> settings =
        provider.settings().stream()
            .map(s -> new SettingView(s.name(), Names.lower(s.type()), s.defaultValue(), s.help()))
            .toList();
    return new TransportView(
        provider.name(), plugin.orElse(""), here.usable(), here.reason(), here.remedy(), settings);
  }
}
