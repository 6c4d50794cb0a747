package dev.outboard.integration.wire;

import dev.outboard.spi.Availability;
import dev.outboard.spi.TransportProvider;
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

  /** Asks the provider; costs a probe. */
  public static TransportView of(TransportProvider provider) {
    Availability here = provider.probe();
    List<SettingView> settings =
        provider.settings().stream()
            .map(s -> new SettingView(s.name(), Names.lower(s.type()), s.defaultValue(), s.help()))
            .toList();
    return new TransportView(
        provider.name(), here.usable(), here.reason(), here.remedy(), settings);
  }
}
