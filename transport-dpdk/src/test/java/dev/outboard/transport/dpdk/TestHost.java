package dev.outboard.transport.dpdk;

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
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** An uplink with one worker, which is the calling thread, as the sidecar would have it. */
final class TestHost implements TransportContext, WorkerContext, AutoCloseable {
  private static final int FRAMES = 64;
  private static final long PATIENCE = 20_000_000_000L;

  private final Map<String, String> settings = new HashMap<>();
  private final RegionTable regions = new RegionTable();
  private final Map<String, Counter> counters = new HashMap<>();
  private final MemorySegment memory = Arena.ofAuto().allocate(1 << 20);
  private final int region = regions.add(memory);
  private final FrameBurst out = new FrameBurst(regions, FRAMES, FRAMES);
  private final FrameBurst in = new FrameBurst(regions, FRAMES, FRAMES);
  private final Deque<Arrived> unread = new ArrayDeque<>();
  final List<String> failures = new ArrayList<>();
  final Transport transport;
  SharedPort port;

  private TestHost(String[] settings) throws Exception {
    for (Setting setting : new DpdkProvider().settings()) {
      this.settings.put(setting.name(), setting.defaultValue());
    }
    for (String one : settings) {
      int equals = one.indexOf('=');
      this.settings.put(one.substring(0, equals), one.substring(equals + 1));
    }
    transport = new DpdkProvider().open(this);
  }

  /** Opens an uplink, with settings as {@code name=value}. */
  static TestHost open(String... settings) throws Exception {
    return new TestHost(settings);
  }

  /** The same, with a port that the calling thread has. */
  static TestHost bound(String... settings) throws Exception {
    TestHost host = open(settings);
    host.bind();
    return host;
  }

  /** Opens a port that the calling thread has. */
  void bind() throws Exception {
    port = transport.openSharedPort(0);
    port.bind(this);
  }

  /** Sends a frame; how many were accepted. */
  int send(int network, int hop, byte[] frame) {
    out.clear();
    MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, 0, frame.length);
    out.addFragment(region, 0, frame.length);
    out.endFrame(network, frame.length, 0, 0);
    out.setRoute(0, hop, 0);
    return port.transmit(out, 0, 1);
  }

  /** Sends a frame as soon as the device takes it. */
  void sendSurely(int network, int hop, byte[] frame) {
    long deadline = System.nanoTime() + PATIENCE;
    while (send(network, hop, frame) == 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no frame is taken; counted " + counts() + ", " + port.failure());
      }
      Thread.onSpinWait();
    }
  }

  /** A frame that has arrived. */
  record Arrived(int network, int hop, List<Byte> bytes) {
    byte[] toArray() {
      byte[] array = new byte[bytes.size()];
      for (int i = 0; i < array.length; i++) {
        array[i] = bytes.get(i);
      }
      return array;
    }

    int type() {
      return Byte.toUnsignedInt(bytes.get(12)) << 8 | Byte.toUnsignedInt(bytes.get(13));
    }
  }

  /** Receives until a frame is as wanted. */
  Arrived await(Predicate<Arrived> wanted) {
    long deadline = System.nanoTime() + PATIENCE;
    while (System.nanoTime() < deadline) {
      if (unread.isEmpty()) {
        unread.addAll(receive());
      }
      while (!unread.isEmpty()) {
        Arrived one = unread.removeFirst();
        if (wanted.test(one)) {
          return one;
        }
      }
    }
    throw new AssertionError("no such frame; counted " + counts() + ", " + port.failure());
  }

  /** Receives what there is. */
  List<Arrived> receive() {
    in.clear();
    int count = port.receive(in, FRAMES);
    List<Arrived> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int f = in.firstFragment(i);
      List<Byte> bytes = new ArrayList<>();
      for (int at = 0; at < in.length(i); at++) {
        bytes.add(in.segment(f).get(ValueLayout.JAVA_BYTE, in.offset(f) + at));
      }
      all.add(new Arrived(in.network(i), in.nextHop(i), bytes));
    }
    if (count > 0) {
      port.release(in);
    }
    return all;
  }

  /** What was counted, without what was not. */
  String counts() {
    Map<String, Long> some = new HashMap<>();
    counters.forEach(
        (name, counter) -> {
          if (counter.value() > 0) {
            some.put(name, counter.value());
          }
        });
    return some.toString();
  }

  long counted(String name) {
    return counters.get(name).value();
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
    return counters.computeIfAbsent(name, _ -> new Counter());
  }

  @Override
  public void failed(String reason) {
    failures.add(reason);
  }

  @Override
  public int worker() {
    return 0;
  }

  @Override
  public boolean watch(int fd) {
    return true;
  }

  @Override
  public void unwatch(int fd) {}

  @Override
  public void wake() {}

  @Override
  public void close() {
    if (port != null) {
      port.unbind();
      port.close();
    }
    transport.close();
  }
}
