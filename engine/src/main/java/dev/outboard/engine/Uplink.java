package dev.outboard.engine;

import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.engine.handover.UplinkState;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.engine.worker.SharedUplink;
import dev.outboard.engine.worker.Worker;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Counter;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.PortHandOver;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * One open transport under the name users gave it, with the ports of the workers if it is shared.
 * The control thread, except the context.
 */
final class Uplink implements TransportContext {
  private final String name;
  private final int number;
  private final String transportName;
  private final Map<String, String> settings;
  private final boolean takingOver;
  private final Host host;
  private final Map<String, List<Counter>> counters = new ConcurrentHashMap<>();
  private final Map<String, List<LongSupplier>> gauges = new ConcurrentHashMap<>();
  private volatile String failure = "";
  private Transport transport;

  /** The workers' shares, by worker, if it is shared. */
  private final Map<Integer, SharedUplink> shares = new TreeMap<>();

  /** What shares have counted whose worker has ended. */
  private Totals ended = Totals.NONE;

  /**
   * What is the same for all uplinks.
   *
   * @param workers how many workers there can be
   * @param regions all memory that frames lie in
   * @param memory what of it is guests'
   * @param problems gets a line when something fails; any thread
   */
  record Host(int workers, RegionTable regions, GuestRegions memory, Consumer<String> problems) {}

  /** Sums over workers. */
  private record Totals(
      long sentFrames,
      long sentBytes,
      long receivedFrames,
      long receivedBytes,
      long joinedFrames,
      Map<String, Long> drops) {
    static final Totals NONE = new Totals(0, 0, 0, 0, 0, Map.of());

    Totals plus(SharedUplink share) {
      Map<String, Long> sums = new TreeMap<>(drops);
      share.counters().drops().forEach((reason, count) -> sums.merge(reason, count, Long::sum));
      return new Totals(
          sentFrames + share.sentFrames(),
          sentBytes + share.sentBytes(),
          receivedFrames + share.counters().sentFrames(),
          receivedBytes + share.counters().sentBytes(),
          joinedFrames + share.joinedFrames(),
          sums);
    }
  }

  private Uplink(
      String name,
      int number,
      String transportName,
      Map<String, String> settings,
      boolean takingOver,
      Host host) {
    this.name = name;
    this.number = number;
    this.transportName = transportName;
    this.settings = Map.copyOf(settings);
    this.takingOver = takingOver;
    this.host = host;
  }

  static Uplink open(
      String name,
      int number,
      TransportProvider provider,
      Map<String, String> settings,
      boolean takingOver,
      Host host)
      throws EngineException {
    Uplink uplink = new Uplink(name, number, provider.name(), settings, takingOver, host);
    try {
      uplink.transport = provider.open(uplink);
      host.memory.opened(uplink.transport);
      return uplink;
    } catch (TransportException e) {
      throw new EngineException(
          EngineException.Kind.FAILED, "uplink '" + name + "': " + e.getMessage(), e);
    }
  }

  String name() {
    return name;
  }

  String transportName() {
    return transportName;
  }

  /** What frames' paths call it: unique among the open uplinks. */
  int number() {
    return number;
  }

  /** Whether all guests use the same ports. */
  boolean isShared() {
    return transport.capabilities().scope() == Capabilities.Scope.SHARED;
  }

  /** Gives a worker its share, if there are shares. */
  void serve(Worker worker) throws EngineException {
    if (!isShared()) {
      return;
    }
    try {
      SharedPort port = transport.openSharedPort(worker.number());
      SharedUplink share =
          new SharedUplink(
              number,
              name,
              port,
              offloads(),
              transport.capabilities().holdsFrames(),
              host.regions,
              line -> broken(worker.number(), line));
      shares.put(worker.number(), share);
      worker.execute(() -> worker.openUplink(share));
    } catch (TransportException e) {
      throw new EngineException(
          EngineException.Kind.FAILED, "uplink '" + name + "': " + e.getMessage(), e);
    }
  }

  /** Whether any worker has a share of it. */
  boolean isServed() {
    return !shares.isEmpty();
  }

  /** Whether this worker has one. */
  boolean serves(int worker) {
    return shares.containsKey(worker);
  }

  /** A worker has let its share go. */
  void workerEnded(int worker) {
    SharedUplink share = shares.remove(worker);
    if (share != null) {
      ended = ended.plus(share);
      share.close();
    }
  }

  /**
   * Makes a peer reachable.
   *
   * @param who needs it, for the message
   * @param mtu of the network
   */
  NextHop openPeer(String who, int network, int mtu, String endpoint) throws EngineException {
    checkMtu(who, network, mtu);
    if (endpoint == null) {
      throw new EngineException(
          EngineException.Kind.INVALID, "%s: uplink '%s' needs an endpoint".formatted(who, name));
    }
    try {
      return transport.openPeer(network, endpoint);
    } catch (TransportException e) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s, uplink '%s': %s".formatted(who, name, e.getMessage()),
          e);
    }
  }

  /** Refuses what its frames have no room for. */
  void checkMtu(String who, int network, int mtu) throws EngineException {
    int most = transport.capabilities().maxMtu();
    if (mtu > most) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "%s: the MTU of network %d is %d, uplink '%s' carries at most %d: set it under networks"
              .formatted(who, network, mtu, name, most));
    }
  }

  /** A port for a guest. */
  GuestPort openPort(GuestSpec spec, GuestCounters counters) throws EngineException {
    int most = transport.capabilities().maxMtu();
    if (spec.mtu() > most) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "guest '%s': the MTU of its network is %d, uplink '%s' carries at most %d"
              .formatted(spec.id(), spec.mtu(), name, most));
    }
    try {
      return transport.openPort(new GuestPortSpec(spec, counters));
    } catch (TransportException e) {
      throw noPort(spec, e);
    }
  }

  /** The port that a guest has had in another process. */
  GuestPort adoptPort(GuestSpec spec, GuestCounters counters, UplinkState state)
      throws EngineException {
    if (!state.uplink().equals(name) || !state.transport().equals(transportName)) {
      throw new EngineException(
          EngineException.Kind.INVALID,
          "guest '%s' is on uplink '%s' (%s) in the running daemon, here on '%s' (%s)"
              .formatted(spec.id(), state.uplink(), state.transport(), name, transportName));
    }
    try {
      return transport.adoptPort(new GuestPortSpec(spec, counters), state.port());
    } catch (TransportException e) {
      throw noPort(spec, e);
    }
  }

  private EngineException noPort(GuestSpec spec, TransportException cause) {
    return new EngineException(
        EngineException.Kind.FAILED,
        "guest '%s', uplink '%s': %s".formatted(spec.id(), name, cause.getMessage()),
        cause);
  }

  /** What another process must know of a guest's port. */
  UplinkState state(String guest, PortHandOver port) throws EngineException {
    try {
      return new UplinkState(name, transportName, port.state());
    } catch (TransportException e) {
      throw new EngineException(
          EngineException.Kind.FAILED,
          "guest '%s', uplink '%s': %s".formatted(guest, name, e.getMessage()),
          e);
    }
  }

  /** What its ports take on transmit. */
  int offloads() {
    return transport.capabilities().offloads();
  }

  Engine.UplinkStatus status() {
    Totals totals = ended;
    for (SharedUplink share : shares.values()) {
      totals = totals.plus(share);
    }
    Map<String, Long> drops = new TreeMap<>(totals.drops);
    counters.forEach(
        (reason, parts) ->
            drops.merge(reason, parts.stream().mapToLong(Counter::value).sum(), Long::sum));
    drops.values().removeIf(sum -> sum == 0);
    return new Engine.UplinkStatus(
        name,
        transportName,
        failure.isEmpty() ? failureOfShares() : failure,
        totals.sentFrames,
        totals.sentBytes,
        totals.receivedFrames,
        totals.receivedBytes,
        totals.joinedFrames,
        drops,
        shownByTransport());
  }

  /** What a worker's port says of itself, or nothing. */
  private String failureOfShares() {
    for (Map.Entry<Integer, SharedUplink> share : shares.entrySet()) {
      String reason = share.getValue().failure();
      if (reason != null) {
        return "worker %d: %s".formatted(share.getKey(), reason);
      }
    }
    return "";
  }

  private Map<String, Long> shownByTransport() {
    Map<String, Long> shown = new TreeMap<>();
    gauges.forEach((gauge, parts) -> parts.forEach(part -> add(shown, gauge, part)));
    return shown;
  }

  /** It may be a third party's: what it throws costs its own number. */
  private static void add(Map<String, Long> sums, String gauge, LongSupplier value) {
    try {
      sums.merge(gauge, value.getAsLong(), Long::sum);
    } catch (RuntimeException e) {
      System.getLogger(Uplink.class.getName())
          .log(System.Logger.Level.WARNING, "gauge " + gauge + ": " + e);
    }
  }

  /** No worker has a share any more. */
  void close() {
    shares.values().forEach(SharedUplink::close);
    shares.clear();
    host.memory.closing(transport);
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
    return host.workers;
  }

  @Override
  public boolean isTakingOver() {
    return takingOver;
  }

  @Override
  public RegionTable regions() {
    return host.regions;
  }

  @Override
  public Counter counter(String counter) {
    Counter made = new Counter();
    counters.computeIfAbsent(counter, name -> new CopyOnWriteArrayList<>()).add(made);
    return made;
  }

  @Override
  public void gauge(String gauge, LongSupplier value) {
    gauges.computeIfAbsent(gauge, _ -> new CopyOnWriteArrayList<>()).add(value);
  }

  /** A worker's port has thrown; the worker's thread. */
  private void broken(int worker, String line) {
    failed("worker " + worker + ": " + line);
    host.problems.accept("uplink '%s', worker %d: %s".formatted(name, worker, line));
  }

  @Override
  public void failed(String reason) {
    failure = reason;
  }
}
