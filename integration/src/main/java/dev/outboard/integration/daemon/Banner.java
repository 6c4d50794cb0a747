package dev.outboard.integration.daemon;

import dev.outboard.integration.Version;
import dev.outboard.integration.config.Installed;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.plugins.Plugins;
import dev.outboard.integration.wire.PluginView;
import dev.outboard.spi.Availability;
import dev.outboard.spi.TransportProvider;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Says in a few lines what runs here, so that nobody has to guess it. Used once, at start. */
final class Banner {
  private final RunSettings settings;
  private final Plan plan;
  private final Installed installed;
  private final Plugins plugins;

  @Inject
  Banner(RunSettings settings, Plan plan, Installed installed, Plugins plugins) {
    this.settings = settings;
    this.plan = plan;
    this.installed = installed;
    this.plugins = plugins;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "outboard "
            + Version.text()
            + ", pid "
            + ProcessHandle.current().pid()
            + ", JDK "
            + Runtime.version());
    lines.add("config: " + settings.config().map(Path::toString).orElse("none, all defaults"));
    lines.add(plan.threads());
    plugins.directory().ifPresent(directory -> lines.add("plugins: " + directory));
    for (PluginView plugin : plugins.list()) {
      lines.add("plugin " + plugin.name() + ": " + state(plugin));
    }
    for (TransportProvider transport : new TreeMap<>(installed.transports()).values()) {
      lines.add("transport " + transport.name() + ": " + state(transport.probe()));
    }
    lines.add("runtime directory: " + plan.runtimeDirectory());
    for (Plan.Uplink uplink : plan.uplinks()) {
      lines.add("uplink " + uplink.name() + ": " + uplink.provider().name());
    }
    return lines;
  }

  private static String state(PluginView plugin) {
    return plugin.provides().isEmpty()
        ? "warning: " + plugin.state() + ": " + plugin.note()
        : plugin.kind() + " '" + plugin.provides() + "'";
  }

  private static String state(Availability here) {
    return here.usable() ? "usable" : "not usable here: " + here.reason() + "; " + here.remedy();
  }
}
