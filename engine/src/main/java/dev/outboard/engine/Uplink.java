package dev.outboard.engine;

import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.engine.handover.UplinkState;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.PortHandOver;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** One open transport under the name users gave it. The control thread, except the context. */
final class Uplink implements TransportContext {
  private final String name;
  private final String transportName;
  private final Map<String, String> settings;
  private final int workers;
  private final RegionTable regions;
  private final Map<String, List<Counter>> counters = new ConcurrentHashMap<>();
  private volatile String failure = "";
  private Transport transport;

  private Uplink(
      String name,
      String transportName,
      Map<String, String> settings,
      int workers,
      RegionTable regions) {
    this.name = name;
    this.transportName = transportName;
    this.settings = Map.copyOf(settings);
    this.workers = workers;
    this.regions = regions;
  }

  static Uplink open(
      String name,
      TransportProvider provider,
      Map<String, String> settings,
      int workers,
      RegionTable regions)
      throws EngineException {
    Uplink uplink = new Uplink(name, provider.name(), settings, workers, regions);
    try {
      uplink.transport = provider.open(uplink);
      return uplink;
    } catch (TransportException e) {
      throw new EngineException(
          EngineException.Kind.FAILED, "uplink '" + name + "': " + e.getMessage(), e);
    }
  }

  /** A port for a guest. */
  FramePort openPort(GuestSpec spec, GuestCounters counters) throws EngineException {
    int most = transport.capabilities().maxMtu();
    if (spec.mtu() > most) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "guest '%s': the MTU of its network is %d, uplink '%s' carries at most %d"
              .formatted(spec.id(), spec.mtu(), name, most));
    }
    try {
      return transport.openPort(portSpec(spec, counters));
    } catch (TransportException e) {
      throw noPort(spec, e);
    }
  }

  /** The port that a guest has had in another process. */
  FramePort adoptPort(GuestSpec spec, GuestCounters counters, UplinkState state)
      throws EngineException {
    if (!state.uplink().equals(name) || !state.transport().equals(transportName)) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "guest '%s' is on uplink '%s' (%s) in the running daemon, here on '%s' (%s)"
              .formatted(spec.id(), state.uplink(), state.transport(), name, transportName));
    }
    try {
      return transport.adoptPort(portSpec(spec, counters), state.port());
    } catch (TransportException e) {
      throw noPort(spec, e);
    }
  }

  private static PortSpec portSpec(GuestSpec spec, GuestCounters counters) {
    return new PortSpec(
        spec.id(), spec.tenant(), spec.network(), spec.mac(), spec.mtu(), counters::uplinkDrop);
  }

  private EngineException noPort(GuestSpec spec, TransportException cause) {
    return new EngineException(
        EngineException.Kind.FAILED,
        "guest '%s', uplink '%s': %s".formatted(spec.id(), name, cause.getMessage()),
        cause);
  }

  /** What another process must know of a port. */
  UplinkState state(PortHandOver port) {
    return new UplinkState(name, transportName, port.state());
  }

  /** What its ports take on transmit. */
  int offloads() {
    return transport.capabilities().offloads();
  }

  Engine.UplinkStatus status() {
    return new Engine.UplinkStatus(name, transportName, failure, drops());
  }

  void close() {
    transport.close();
  }

  @Override
  public String uplink() {
    return name;
  }

  @Override
  public String setting(String setting) {
    return settings.get(setting);
  }

  @Override
  public int workers() {
    return workers;
  }

  @Override
  public RegionTable regions() {
    return regions;
  }

  @Override
  public Counter counter(String counter) {
    Counter made = new Counter();
    counters.computeIfAbsent(counter, name -> new CopyOnWriteArrayList<>()).add(made);
    return made;
  }

  /** What the transport has refused or lost by itself, by reason. */
  private Map<String, Long> drops() {
    Map<String, Long> sums = new TreeMap<>();
    counters.forEach(
        (reason, parts) -> sums.put(reason, parts.stream().mapToLong(Counter::value).sum()));
    sums.values().removeIf(sum -> sum == 0);
    return sums;
  }

  @Override
  public void failed(String reason) {
    failure = reason;
  }
}
