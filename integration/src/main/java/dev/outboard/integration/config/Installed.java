package dev.outboard.integration.config;

import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.spi.TransportProvider;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a configuration can name: what is built in, and what plugins have added. It grows and never
 * shrinks. Any thread; only one adds.
 */
public final class Installed {
  private final Map<String, TransportProvider> transports;
  private final Map<String, IsolationPolicy> isolation;
  private final List<NotifierProvider> notifiers;

  /** The plugin that each transport comes from, if it comes from one. */
  private final Map<String, String> plugins = new ConcurrentHashMap<>();

  /** Why plugins were refused, by plugin. */
  private final Map<String, String> refused = new ConcurrentSkipListMap<>();

  /**
   * What is built in.
   *
   * @param transports by name
   * @param isolation the isolation policies by name
   * @param notifiers the best first; {@code auto} takes the first that can run here
   */
  public Installed(
      Map<String, TransportProvider> transports,
      Map<String, IsolationPolicy> isolation,
      List<NotifierProvider> notifiers) {
    this.transports = new ConcurrentSkipListMap<>(transports);
    this.isolation = new ConcurrentSkipListMap<>(isolation);
    this.notifiers = new CopyOnWriteArrayList<>(notifiers);
  }

  /** The transports, by name; the map shows later ones, too. */
  public Map<String, TransportProvider> transports() {
    return Collections.unmodifiableMap(transports);
  }

  /** The isolation policies, by name; the map shows later ones, too. */
  public Map<String, IsolationPolicy> isolation() {
    return Collections.unmodifiableMap(isolation);
  }

  /** The notifiers, the best first. */
  public List<NotifierProvider> notifiers() {
    return Collections.unmodifiableList(notifiers);
  }

  /** The plugin that a transport comes from; empty for one that is built in. */
  public Optional<String> plugin(String transport) {
    return Optional.ofNullable(plugins.get(transport));
  }

  /** Adds a plugin's transport, whose name nobody has. */
  public void add(String plugin, String name, TransportProvider transport) {
    plugins.put(name, plugin);
    transports.put(name, transport);
    refused.remove(plugin);
  }

  /** Adds a plugin's isolation policy, whose name nobody has. */
  public void add(String plugin, String name, IsolationPolicy policy) {
    isolation.put(name, policy);
    refused.remove(plugin);
  }

  /** Adds a plugin's notifier, whose name nobody has, behind the others. */
  public void add(String plugin, NotifierProvider notifier) {
    notifiers.add(notifier);
    refused.remove(plugin);
  }

  /** Remembers why a plugin is not there, for those who ask for what it may have had. */
  public void refuse(String plugin, String why) {
    refused.put(plugin, why);
  }

  /** What to say to who names something that is not there: perhaps a refused plugin has it. */
  String whatWasRefused() {
    StringBuilder lines = new StringBuilder();
    refused.forEach((plugin, why) -> lines.append("; plugin '" + plugin + "' was refused: " + why));
    return lines.toString();
  }

  Set<String> transportNames() {
    return new TreeSet<>(transports.keySet());
  }
}
