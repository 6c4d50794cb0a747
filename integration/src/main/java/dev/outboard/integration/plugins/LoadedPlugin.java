package dev.outboard.integration.plugins;

import dev.outboard.integration.config.Installed;
import dev.outboard.spi.Availability;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A plugin whose provider exists and has answered sensibly. Made by {@link Plugins}, one at a time.
 *
 * @param provider behind its guard
 * @param name what configurations call it
 * @param here whether it can run on this host
 */
record LoadedPlugin(PluginFolder folder, Object provider, String name, Availability here) {
  /**
   * Runs a plugin's code for the first time.
   *
   * @throws PluginRefusedException if anything is wrong with it
   */
  static LoadedPlugin load(PluginFolder folder, Duration deadline, Installed installed)
      throws PluginRefusedException {
    PluginClassLoader loader = loader(folder);
    try {
      Guard guard = new Guard(folder.name(), loader, deadline);
      return load(folder, guard, Providers.make(guard, loader, folder), installed);
    } catch (PluginRefusedException e) {
      close(loader);
      throw e;
    } catch (PluginFailure e) {
      close(loader);
      throw new PluginRefusedException(e.getMessage(), e);
    }
  }

  private static LoadedPlugin load(
      PluginFolder folder, Guard guard, Object plugin, Installed installed)
      throws PluginRefusedException, PluginFailure {
    return switch (plugin) {
      case TransportProvider transport -> {
        String name = guard.call("name()", () -> Checked.name(transport.name()));
        checkNew(name, folder, installed);
        List<Setting> settings =
            guard.call("settings()", () -> Checked.settings(transport.settings()));
        Availability here = guard.call("probe()", () -> Checked.availability(transport.probe()));
        yield new LoadedPlugin(
            folder, new GuardedTransportProvider(guard, transport, name, settings), name, here);
      }
      case NotifierProvider notifier -> {
        String name = guard.call("name()", () -> Checked.name(notifier.name()));
        checkNew(name, folder, installed);
        Availability here = guard.call("probe()", () -> Checked.availability(notifier.probe()));
        yield new LoadedPlugin(
            folder, new GuardedNotifierProvider(guard, notifier, name), name, here);
      }
      case IsolationPolicy policy -> {
        String name = guard.call("name()", () -> Checked.name(policy.name()));
        checkNew(name, folder, installed);
        yield new LoadedPlugin(
            folder, new GuardedIsolationPolicy(guard, policy, name), name, Availability.yes());
      }
      default -> throw new IllegalStateException(plugin.getClass().getName());
    };
  }

  private static void checkNew(String name, PluginFolder folder, Installed installed)
      throws PluginRefusedException {
    String taken =
        switch (folder.kind()) {
          case TRANSPORT ->
              installed.transports().containsKey(name)
                  ? installed
                      .plugin(name)
                      .map(other -> "plugin '" + other + "' has")
                      .orElse("a built-in one has")
                  : "";
          case NOTIFIER ->
              name.equals("auto")
                      || installed.notifiers().stream().anyMatch(n -> n.name().equals(name))
                  ? "another one has"
                  : "";
          case ISOLATION -> installed.isolation().containsKey(name) ? "another one has" : "";
        };
    if (!taken.isEmpty()) {
      throw new PluginRefusedException(
          "its %s is named '%s', which %s; one of the two needs another name"
              .formatted(folder.kind().word(), name, taken));
    }
  }

  /** From now on configurations and requests can name it. */
  void addTo(Installed installed) {
    switch (provider) {
      case TransportProvider transport -> installed.add(folder.name(), name, transport);
      case NotifierProvider notifier -> installed.add(folder.name(), notifier);
      case IsolationPolicy policy -> installed.add(folder.name(), name, policy);
      default -> throw new IllegalStateException(provider.getClass().getName());
    }
  }

  private static PluginClassLoader loader(PluginFolder folder) throws PluginRefusedException {
    try {
      return new PluginClassLoader(folder.name(), folder.urls());
    } catch (IOException e) {
      throw new PluginRefusedException("its jars can't be read: " + e.getMessage(), e);
    }
  }

  private static void close(PluginClassLoader loader) {
    try {
      loader.close();
    } catch (IOException e) {
      System.getLogger("outboard").log(System.Logger.Level.DEBUG, "closing a plugin's jars", e);
    }
  }
}
