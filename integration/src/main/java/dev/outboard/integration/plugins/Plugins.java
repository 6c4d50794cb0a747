package dev.outboard.integration.plugins;

import dev.outboard.integration.config.Installed;
import dev.outboard.integration.wire.Names;
import dev.outboard.integration.wire.PluginView;
import dev.outboard.spi.Availability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/**
 * The plugins of a sidecar: finds their folders, loads them at start and later, and adds what they
 * bring to what is installed. What was loaded stays until the process ends. Any thread; one plugin
 * is loaded at a time.
 */
public final class Plugins {
  /** How long a plugin may take for one answer. */
  public static final Duration DEADLINE = Duration.ofSeconds(5);

  private static final String REFUSED = "refused";

  private final Optional<Path> directory;
  private final Installed installed;
  private final Duration deadline;
  private final Map<String, PluginView> known = new ConcurrentSkipListMap<>();
  private boolean started;

  /**
   * None is loaded yet.
   *
   * @param directory with a folder for each; empty if there shall be none
   * @param installed gets what they bring
   * @param deadline how long one may take for one answer
   */
  public Plugins(Optional<Path> directory, Installed installed, Duration deadline) {
    this.directory = directory;
    this.installed = installed;
    this.deadline = deadline;
  }

  /** Where they are; empty if there are none. */
  public Optional<Path> directory() {
    return directory;
  }

  /** Loads all there are, before anything else starts. A bad one keeps nobody from starting. */
  public synchronized void loadAll() {
    for (String name : folders()) {
      try {
        load(name);
      } catch (PluginException e) {
        System.getLogger("outboard").log(System.Logger.Level.DEBUG, e.getMessage());
      }
    }
    started = true;
  }

  /** What is built in, and what was loaded. */
  public Installed installed() {
    return installed;
  }

  /**
   * Loads one.
   *
   * @throws PluginException if there is none, or it is loaded already, or it can't be used
   */
  public synchronized PluginView load(String name) throws PluginException {
    Path folder = find(name);
    PluginView before = known.get(name);
    if (before != null && !before.state().equals(REFUSED)) {
      throw new PluginException(
          PluginException.Kind.TAKEN,
          "plugin '%s' is loaded already; a changed one is used when the daemon starts again"
              .formatted(name));
    }
    try {
      PluginView view = add(folder);
      known.put(name, view);
      return view;
    } catch (PluginRefusedException e) {
      known.put(name, new PluginView(name, REFUSED, "", "", "", e.getMessage()));
      installed.refuse(name, e.getMessage());
      throw new PluginException(
          PluginException.Kind.REFUSED, "plugin '%s': %s".formatted(name, e.getMessage()), e);
    }
  }

  private Path find(String name) throws PluginException {
    if (!Names.isName(name)) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "plugin '%s' is not a name: %s".formatted(name, Names.RULE));
    }
    if (directory.isEmpty()) {
      throw new PluginException(
          PluginException.Kind.UNKNOWN,
          "there is no directory for plugins: start the daemon with --config FILE or --plugins DIR");
    }
    Path folder = directory.get().resolve(name);
    if (!Files.isDirectory(folder)) {
      List<String> there = folders();
      throw new PluginException(
          PluginException.Kind.UNKNOWN,
          "there is no folder '%s' in %s; there %s"
              .formatted(
                  name,
                  directory.get(),
                  there.isEmpty() ? "is none" : "are: " + String.join(", ", there)));
    }
    return folder;
  }

  private PluginView add(Path folder) throws PluginRefusedException {
    LoadedPlugin plugin = LoadedPlugin.load(PluginFolder.read(folder), deadline, installed);
    String state = started && plugin.folder().kind() != Kind.TRANSPORT ? "at-next-start" : "loaded";
    plugin.addTo(installed);
    Availability here = plugin.here();
    return new PluginView(
        plugin.folder().name(),
        state,
        plugin.folder().kind().word(),
        plugin.name(),
        plugin.folder().version().toString(),
        here.usable() ? "" : "can't run here: " + here.reason() + "; " + here.remedy());
  }

  /** All that were loaded or refused, and the folders that nobody has asked for, by name. */
  public List<PluginView> list() {
    Map<String, PluginView> all = new TreeMap<>(known);
    for (String name : folders()) {
      all.putIfAbsent(name, new PluginView(name, "not-loaded", "", "", "", ""));
    }
    return List.copyOf(all.values());
  }

  private List<String> folders() {
    if (directory.isEmpty() || !Files.isDirectory(directory.get())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory.get())) {
      return new ArrayList<>(
          new TreeSet<>(
              files
                  .filter(Files::isDirectory)
                  .map(folder -> folder.getFileName().toString())
                  .filter(Names::isName)
                  .toList()));
    } catch (IOException e) {
      System.getLogger("outboard").log(System.Logger.Level.WARNING, "plugins: " + e);
      return List.of();
    }
  }
}
