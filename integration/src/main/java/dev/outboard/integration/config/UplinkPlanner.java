package dev.outboard.integration.config;

import static dev.outboard.integration.config.Checks.at;

import dev.outboard.integration.wire.UplinkRequest;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportProvider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checks uplinks against the transports that are installed. The one set of rules for the {@code
 * uplinks:} section and the API. Any thread.
 */
public final class UplinkPlanner {
  private static final String TRANSPORT = "transport";

  private final Installed installed;

  UplinkPlanner(Installed installed) {
    this.installed = installed;
  }

  /** The uplink that the API was asked for. */
  public Plan.Uplink plan(UplinkRequest request) throws InvalidValueException {
    Map<String, String> settings = request.settings() == null ? Map.of() : request.settings();
    return plan(List.of(), List.of("settings"), request.name(), request.transport(), settings);
  }

  List<Plan.Uplink> plan(Map<String, Map<String, String>> uplinks) throws InvalidValueException {
    List<Plan.Uplink> plans = new ArrayList<>();
    if (uplinks != null) {
      for (Map.Entry<String, Map<String, String>> uplink : uplinks.entrySet()) {
        plans.add(plan(uplink.getKey(), uplink.getValue()));
      }
    }
    return plans;
  }

  private Plan.Uplink plan(String name, Map<String, String> keys) throws InvalidValueException {
    List<Object> path = List.of("uplinks", name);
    Map<String, String> settings = keys == null ? new LinkedHashMap<>() : new LinkedHashMap<>(keys);
    String transport = settings.remove(TRANSPORT);
    return plan(path, path, name, transport, settings);
  }

  /**
   * Plans one.
   *
   * @param at where its settings are
   */
  private Plan.Uplink plan(
      List<Object> path,
      List<Object> at,
      String name,
      String transport,
      Map<String, String> settings)
      throws InvalidValueException {
    Checks.name(path.isEmpty() ? List.of("name") : path, name);
    if (transport == null) {
      throw new InvalidValueException(
          path,
          "uplink '" + name + "' needs a transport; known: " + names(installed.transportNames()));
    }
    TransportProvider provider =
        Checks.known(
            at(path, TRANSPORT),
            "transport",
            transport,
            installed.transportNames(),
            installed.transports().get(transport),
            installed.whatWasRefused());
    Availability here = provider.probe();
    if (!here.usable()) {
      throw new InvalidValueException(
          at(path, TRANSPORT),
          "transport '" + transport + "' can't run here: " + here.reason() + "; " + here.remedy());
    }
    return new Plan.Uplink(name, provider, settings(at, provider, settings));
  }

  private static Map<String, String> settings(
      List<Object> path, TransportProvider provider, Map<String, String> keys)
      throws InvalidValueException {
    Map<String, Setting> known = new TreeMap<>();
    Map<String, String> values = new LinkedHashMap<>();
    for (Setting setting : provider.settings()) {
      known.put(setting.name(), setting);
      values.put(setting.name(), setting.defaultValue());
    }
    for (Map.Entry<String, String> key : keys.entrySet()) {
      List<Object> place = at(path, key.getKey());
      Setting setting =
          Checks.known(
              place,
              "setting of transport '" + provider.name() + "':",
              key.getKey(),
              known.keySet(),
              known.get(key.getKey()));
      values.put(setting.name(), check(place, setting, key.getValue()));
    }
    return values;
  }

  private static String check(List<Object> path, Setting setting, String value)
      throws InvalidValueException {
    String wanted =
        switch (setting.type()) {
          case TEXT -> value == null ? "text" : null;
          case NUMBER -> value == null || !value.matches("[0-9]{1,9}") ? "a whole number" : null;
          case FLAG -> value == null || !value.matches("true|false") ? "true or false" : null;
        };
    if (wanted != null) {
      throw new InvalidValueException(
          path, Checks.label(path) + " must be " + wanted + ", not '" + value + "'");
    }
    return value;
  }

  private static String names(Iterable<String> names) {
    return String.join(", ", names);
  }
}
