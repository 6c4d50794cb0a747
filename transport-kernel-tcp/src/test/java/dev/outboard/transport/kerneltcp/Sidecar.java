package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Setting;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.WorkerContext;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** A sidecar as the transport sees it: context, one worker (the calling thread), its port. */
final class Sidecar implements TransportContext, WorkerContext, AutoCloseable {
  static final int NETWORK = 7;
  static final String SECRET = SecretFile.of("0123456789abcdef").toString();
  private static final long PATIENCE = 20_000_000_000L;
  private static final int SLOT = 66_048;
  private static final int SLOTS = 64;

  final RegionTable regions = new RegionTable();
  private final Map<String, List<LongSupplier>> counters = new ConcurrentHashMap<>();
  private final Map<String, List<LongSupplier>> gauges = new ConcurrentHashMap<>();
  private final Map<String, String> settings = new HashMap<>();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate((long) SLOT * SLOTS, 64);
  private final int region = regions.add(memory);
  private final Epoll epoll = new Epoll();
  final FrameBurst sent = new FrameBurst(regions, SLOTS, SLOTS);
  final FrameBurst received = new FrameBurst(regions, 256, 256);
  final int tcpPort;
  Transport transport;
  SharedPort port;

  /** An open uplink at this port of 127.0.0.1, and a bound port of worker 0. */
  Sidecar(int tcpPort, String... changed) throws Exception {
    this.tcpPort = tcpPort;
    for (Setting setting : new KernelTcpProvider().settings()) {
      settings.put(setting.name(), setting.defaultValue());
    }
    settings.put("address", "127.0.0.1");
    settings.put("port", Integer.toString(tcpPort));
    settings.put("secret-file", SECRET);
    for (int i = 0; i < changed.length; i += 2) {
      settings.put(changed[i], changed[i + 1]);
    }
    transport = new KernelTcpProvider().open(this);
    openPort();
  }

  /** The same, by TLS, without a secret. */
  static Sidecar withTls(int tcpPort, String... changed) throws Exception {
    return withTls(Certificates.ofLoopback(), tcpPort, changed);
  }

  /** The same, by TLS with these credentials, without a secret. */
  static Sidecar withTls(Certificates certificates, int tcpPort, String... changed)
      throws Exception {
    List<String> all = new ArrayList<>(certificates.settings());
    all.addAll(List.of("secret-file", ""));
    all.addAll(List.of(changed));
    return new Sidecar(tcpPort, all.toArray(String[]::new));
  }

  void openPort() throws Exception {
    port = transport.openSharedPort(0);
    port.bind(this);
  }

  void closePort() {
    port.unbind();
    port.close();
    port = null;
  }

  NextHop peer(int otherPort) throws Exception {
    return transport.openPeer(NETWORK, "127.0.0.1:" + otherPort);
  }

  /** Adds a frame that tells its number. */
  void add(int hop, int flow, int number, int length) {
    long at = (long) sent.count() * SLOT;
    memory.asSlice(at, length).fill((byte) number);
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, at, number);
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + 4, flow);
    sent.addFragment(region, at, length);
    sent.endFrame(NETWORK, length, 0, 0);
    sent.setRoute(sent.count() - 1, hop, flow);
  }

  /** Sends the burst once and empties it; how many frames were taken. */
  int send() {
    int taken = port.transmit(sent, 0, sent.count());
    sent.clear();
    return taken;
  }

  /** Takes what has arrived into the emptied burst; the caller releases it. */
  int receive() {
    received.clear();
    return port.receive(received, received.capacity());
  }

  /** The first numbers of what a received frame holds: its number and its flow. */
  int number(int i, int at) {
    int f = received.firstFragment(i);
    return received.segment(f).get(ValueLayout.JAVA_INT_UNALIGNED, received.offset(f) + at * 4L);
  }

  /** Receives, and drops, until it holds; how many frames came. */
  long receiveUntil(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE;
    long frames = 0;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within 20 s; counted " + counts());
      }
      frames += receive();
      port.release(received);
      if (port.arm()) {
        int _ = epoll.await(1_000_000);
      }
    }
    return frames;
  }

  /** A counter or a gauge. */
  long count(String name) {
    List<LongSupplier> all = counters.getOrDefault(name, gauges.getOrDefault(name, List.of()));
    return all.stream().mapToLong(LongSupplier::getAsLong).sum();
  }

  /** All that was lost or cut: counters and gauges that are not 0, but for those of successes. */
  Map<String, Long> counts() {
    Map<String, Long> counts = new TreeMap<>();
    Stream.concat(counters.keySet().stream(), gauges.keySet().stream())
        .filter(name -> !name.startsWith("pool-") && !name.startsWith("tls-"))
        .filter(name -> count(name) != 0)
        .forEach(name -> counts.put(name, count(name)));
    return counts;
  }

  /** Connections to peers that have proved who they are. */
  long connected() {
    return count("pool-idle") + count("pool-lent");
  }

  @Override
  public String uplink() {
    return "test-" + tcpPort;
  }

  @Override
  public String setting(String name) {
    return settings.get(name);
  }

  @Override
  public int workers() {
    return 2;
  }

  @Override
  public RegionTable regions() {
    return regions;
  }

  @Override
  public Counter counter(String name) {
    Counter counter = new Counter();
    counters.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>()).add(counter::value);
    return counter;
  }

  @Override
  public void gauge(String name, LongSupplier value) {
    gauges.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>()).add(value);
  }

  @Override
  public void failed(String reason) {
    throw new AssertionError(reason);
  }

  @Override
  public int worker() {
    return 0;
  }

  @Override
  public boolean watch(int fd) {
    try {
      epoll.add(fd, Epoll.IN | Epoll.EDGE_TRIGGERED, fd);
      return true;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void unwatch(int fd) {
    try {
      epoll.remove(fd);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void wake() {
    // This worker never sleeps for longer than a millisecond.
  }

  @Override
  public void close() {
    if (port != null) {
      closePort();
    }
    transport.close();
    epoll.close();
    regions.remove(region);
    arena.close();
  }
}
