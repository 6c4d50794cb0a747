package dev.outboard.transport.iouring;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Setting;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.WorkerContext;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** A sidecar as the transport sees it: context, one worker that can wait, its port. */
final class Host implements TransportContext, WorkerContext, AutoCloseable {
  private static final long PATIENCE = 20_000_000_000L;
  private static final int SLOT = 65_536;
  private static final int SLOTS = 64;

  final RegionTable regions = new RegionTable();
  final Map<String, List<Counter>> counters = new HashMap<>();
  final Map<String, String> settings = new HashMap<>();
  private final Waiting waiting;
  final FrameBurst sent = new FrameBurst(regions, SLOTS, 4 * SLOTS);
  final FrameBurst received = new FrameBurst(regions, 256, 256);
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate((long) SLOTS * SLOT, 64);
  private final int region = regions.add(memory);
  private int watched = -1;

  /** What frames to be sent say that they belong to. */
  int network;

  Transport transport;
  SharedPort port;

  private Host(Waiting waiting, String address, String... settings) throws Exception {
    this.waiting = waiting;
    for (Setting setting : new IoUringProvider().settings()) {
      this.settings.put(setting.name(), setting.defaultValue());
    }
    this.settings.put("address", address);
    this.settings.put("receive-buffers", "16");
    for (int i = 0; i < settings.length; i += 2) {
      this.settings.put(settings[i], settings[i + 1]);
    }
  }

  /** An open uplink with this address, and a bound port of worker 0, the calling thread. */
  static Host open(String address, String... settings) throws Exception {
    return open(Waiting.Kind.EPOLL, address, settings);
  }

  /** As the other, with a worker that waits in this way. */
  static Host open(Waiting.Kind kind, String address, String... settings) throws Exception {
    Host host = new Host(kind.open(), address, settings);
    try {
      host.transport = new IoUringProvider().open(host);
      host.port = host.transport.openSharedPort(0);
      host.port.bind(host);
      if (host.port.failure() != null) {
        throw new AssertionError(host.port.failure());
      }
      return host;
    } catch (Exception e) {
      host.close();
      throw e;
    }
  }

  int peer(int network, String endpoint) throws Exception {
    return transport.openPeer(network, endpoint).number();
  }

  /** Adds a frame to the burst: bytes that tell of its number, cut into fragments. */
  void add(int nextHop, int flowHash, int number, int length, int... cuts) {
    MemorySegment slot = frame(sent.count(), number, length);
    long start = slot.address() - memory.address();
    int from = 0;
    for (int cut : cuts) {
      sent.addFragment(region, start + from, cut - from);
      from = cut;
    }
    sent.addFragment(region, start + from, length - from);
    sent.endFrame(network, length, 0, 0);
    sent.setRoute(sent.count() - 1, nextHop, flowHash);
  }

  /** The bytes of a frame to be sent. */
  MemorySegment sentBytes(int i) {
    return memory.asSlice((long) i * SLOT, sent.length(i));
  }

  private MemorySegment frame(int slot, int number, int length) {
    MemorySegment frame = memory.asSlice((long) slot * SLOT, length);
    Patterns.write(frame, number);
    return frame;
  }

  /** Sends the burst and empties it; how many frames were taken. */
  int send() {
    int taken = port.transmit(sent, 0, sent.count());
    sent.clear();
    return taken;
  }

  /** Waits until frames have come, as a worker does that sleeps; how many. */
  int await() {
    long deadline = System.nanoTime() + PATIENCE;
    int count;
    while ((count = receive()) == 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no frame within 20 s; " + counts());
      }
      if (port.arm()) {
        waiting.await(deadline - System.nanoTime());
      }
    }
    return count;
  }

  /** Takes what has arrived into the emptied burst. */
  int receive() {
    received.clear();
    return port.receive(received, received.capacity());
  }

  /** The bytes of a received frame. */
  MemorySegment bytes(int i) {
    int f = received.firstFragment(i);
    return received.segment(f).asSlice(received.offset(f), received.fragmentLength(f));
  }

  void release() {
    port.release(received);
  }

  /** Receives, and drops, until the condition holds. */
  void receiveUntil(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within 20 s; " + counts());
      }
      receive();
      release();
      port.arm();
    }
  }

  long count(String name) {
    return counters.getOrDefault(name, List.of()).stream().mapToLong(Counter::value).sum();
  }

  /** All counters that are not 0. */
  Map<String, Long> counts() {
    Map<String, Long> counts = new HashMap<>();
    counters.keySet().stream()
        .filter(name -> count(name) != 0)
        .forEach(name -> counts.put(name, count(name)));
    return counts;
  }

  @Override
  public String uplink() {
    return "wan";
  }

  @Override
  public String setting(String name) {
    return settings.get(name);
  }

  @Override
  public int workers() {
    return 1;
  }

  @Override
  public RegionTable regions() {
    return regions;
  }

  @Override
  public Counter counter(String name) {
    Counter counter = new Counter();
    counters.computeIfAbsent(name, _ -> new ArrayList<>()).add(counter);
    return counter;
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
    waiting.watch(fd);
    watched = fd;
    return true;
  }

  @Override
  public void unwatch(int fd) {
    waiting.unwatch(fd);
    watched = -1;
  }

  @Override
  public void wake() {
    throw new AssertionError("nobody waits");
  }

  /** Closes the port alone. */
  void closePort() {
    port.unbind();
    port.close();
    port = null;
    if (watched >= 0) {
      throw new AssertionError("still watched");
    }
  }

  @Override
  public void close() {
    if (port != null) {
      closePort();
    }
    if (transport != null) {
      transport.close();
    }
    waiting.close();
    regions.remove(region);
    arena.close();
  }
}
