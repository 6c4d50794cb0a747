package dev.outboard.testkit;

import dev.outboard.spi.Counter;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The sidecar as an uplink sees it, which notes what the uplink asks and says. Any thread. */
final class KitHost implements TransportContext {
  /** As many as any rule uses. */
  static final int WORKERS = 4;

  private final String uplink;
  private final boolean takingOver;
  private final Map<String, String> settings = new HashMap<>();
  private final RegionTable regions = new RegionTable();
  private final Map<String, List<Counter>> counters = new ConcurrentHashMap<>();

  /** What was asked for and is no setting of the provider's. */
  final List<String> unlisted = new CopyOnWriteArrayList<>();

  /** Why the uplink has said that it failed. */
  final List<String> failures = new CopyOnWriteArrayList<>();

  /** Counters of ports that were asked for after the port was opened. */
  final List<String> lateCounters = new CopyOnWriteArrayList<>();

  /** Whether ports may ask for counters now. */
  volatile boolean opening;

  KitHost(String uplink, TransportProvider provider, Side side, boolean takingOver) {
    this.uplink = uplink;
    this.takingOver = takingOver;
    for (Setting setting : provider.settings()) {
      settings.put(setting.name(), setting.defaultValue());
    }
    settings.putAll(side.settings());
  }

  @Override
  public String uplink() {
    return uplink;
  }

  @Override
  public String setting(String name) {
    String value = settings.get(name);
    if (value == null) {
      unlisted.add(name);
      throw new IllegalArgumentException("there is no setting " + name);
    }
    return value;
  }

  @Override
  public int workers() {
    return WORKERS;
  }

  @Override
  public boolean isTakingOver() {
    return takingOver;
  }

  @Override
  public RegionTable regions() {
    return regions;
  }

  @Override
  public Counter counter(String name) {
    Counter counter = new Counter();
    counters.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>()).add(counter);
    return counter;
  }

  /** As {@code PortSpec.dropCounter}. */
  Counter portCounter(String name) {
    if (!opening) {
      lateCounters.add(name);
    }
    return counter(name);
  }

  @Override
  public void failed(String reason) {
    failures.add(reason);
  }

  /** How many frames the uplink and its ports have counted, for whatever reason. */
  long counted() {
    return counters.values().stream().flatMap(List::stream).mapToLong(Counter::value).sum();
  }

  /** The counters that are not 0, in words. */
  String counts() {
    Map<String, Long> counts = new TreeMap<>();
    counters.forEach(
        (name, all) -> {
          long sum = all.stream().mapToLong(Counter::value).sum();
          if (sum != 0) {
            counts.put(name, sum);
          }
        });
    return counts.isEmpty() ? "nothing counted" : "counted " + counts;
  }
}
