package dev.outboard.engine;

import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.Priority;
import dev.outboard.spi.Region;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Setting;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import dev.outboard.spi.WorkerContext;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A shared transport without offloads between the sidecars of one test: what is sent to an endpoint
 * comes in at the sidecar that has its name. It checks that ports are used by the rules, and a test
 * can put frames on it itself.
 */
final class Wire {
  static final int MTU = 1450;

  /** More than a worker takes at a time. */
  private static final int SLOTS = 64;

  private static final int SLOT = 2048;

  private final Map<String, End> ends = new ConcurrentHashMap<>();
  final List<String> complaints = new CopyOnWriteArrayList<>();
  final AtomicInteger carried = new AtomicInteger();

  /** By their source address what priorities frames have come with. */
  final Map<Long, Set<Priority>> priorities = new ConcurrentHashMap<>();

  /** Of which priorities ports refuse frames now. */
  volatile Predicate<Priority> refuses = _ -> false;

  /** Whether ports go on reading frames that they have accepted; set before an end is opened. */
  boolean holds;

  /** While ports go on reading: whether they let go. */
  volatile boolean letGo = true;

  final AtomicInteger held = new AtomicInteger();

  /** A piece of a frame that a port goes on reading, and what was there when it was accepted. */
  private record Held(long token, MemorySegment piece, List<Byte> content) {
    boolean isIn(Region region) {
      return region.memory().asOverlappingSlice(piece).isPresent();
    }

    static List<Byte> read(MemorySegment piece) {
      List<Byte> bytes = new ArrayList<>();
      for (byte each : piece.toArray(ValueLayout.JAVA_BYTE)) {
        bytes.add(each);
      }
      return bytes;
    }
  }

  /** A frame under way. */
  private record Frame(
      String from, int network, MemorySegment bytes, long offload, int checksumOffset) {
    static Frame plain(String from, int network, byte[] bytes) {
      return new Frame(from, network, MemorySegment.ofArray(bytes), 0, 0);
    }
  }

  /** The end with a name. */
  TransportProvider end(String name) {
    return ends.computeIfAbsent(name, End::new);
  }

  /** Puts a frame on the wire as if somebody had sent it. */
  void put(String from, String to, int network, byte[] bytes) {
    ends.get(to).arrive(Frame.plain(from, network, bytes));
  }

  /** The same, of a frame that needs something. */
  void put(String from, String to, int network, byte[] bytes, long offload, int checksumOffset) {
    MemorySegment frame = MemorySegment.ofArray(bytes);
    ends.get(to).arrive(new Frame(from, network, frame, offload, checksumOffset));
  }

  /** The guests' memory that an end was told of and that is there still. */
  List<Region> memory(String name) {
    return List.copyOf(ends.get(name).memory.values());
  }

  /** How many next hops are open at an end. */
  int peers(String name) {
    return ends.get(name).opened.get();
  }

  private final class End implements TransportProvider, Transport {
    private final String name;
    private final Queue<Frame> waiting = new ConcurrentLinkedQueue<>();
    private final List<Port> ports = new CopyOnWriteArrayList<>();
    private final List<Hop> hops = new CopyOnWriteArrayList<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final Map<Integer, Region> memory = new ConcurrentHashMap<>();
    private RegionTable regions;

    private record Hop(int network, String endpoint) {}

    End(String name) {
      this.name = name;
    }

    void arrive(Frame frame) {
      waiting.add(frame);
      ports.forEach(Port::tell);
    }

    @Override
    public String name() {
      return "wire";
    }

    @Override
    public Availability probe() {
      return Availability.yes();
    }

    @Override
    public List<Setting> settings() {
      return List.of();
    }

    @Override
    public Transport open(TransportContext context) {
      regions = context.regions();
      return this;
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.shared(MTU, 64).withHoldsFrames(holds);
    }

    @Override
    public SharedPort openSharedPort(int worker) {
      Port port = new Port();
      ports.add(port);
      return port;
    }

    @Override
    public NextHop openPeer(int network, String endpoint) throws TransportException {
      if (endpoint.contains(" ")) {
        throw new TransportException("'" + endpoint + "' is not an endpoint");
      }
      Hop hop = new Hop(network, endpoint);
      if (!hops.contains(hop)) {
        hops.add(hop);
      }
      opened.incrementAndGet();
      return new NextHop() {
        @Override
        public int number() {
          return hops.indexOf(hop);
        }

        @Override
        public void close() {
          opened.decrementAndGet();
        }
      };
    }

    @Override
    public void memoryAdded(Region region) {
      if (memory.put(region.number(), region) != null) {
        complaints.add(name + ": told of region " + region.number() + " twice");
      }
    }

    @Override
    public void memoryRemoved(Region region) {
      if (!region.equals(memory.remove(region.number()))) {
        complaints.add(name + ": region " + region.number() + " goes, which never came");
      }
      for (Port port : ports) {
        if (port.context != null && port.reading.stream().anyMatch(one -> one.isIn(region))) {
          complaints.add(name + ": memory is taken away while a port holds frames there");
        }
      }
    }

    @Override
    public void close() {
      if (!ports.isEmpty()) {
        complaints.add(name + ": closed before its ports");
      }
    }

    private final class Port implements SharedPort {
      private final Arena arena = Arena.ofShared();
      private final MemorySegment memory = arena.allocate((long) SLOTS * SLOT);
      private final int region = regions.add(memory);
      private volatile WorkerContext context;
      private Thread thread;
      private boolean lent;
      private final Queue<Held> reading = new ConcurrentLinkedQueue<>();

      void tell() {
        WorkerContext now = context;
        if (now != null) {
          now.wake();
        }
      }

      private void mine(String call) {
        if (thread == null) {
          thread = Thread.currentThread();
        }
        if (thread != Thread.currentThread() || context == null) {
          complaints.add(name + ": " + call + " by " + Thread.currentThread().getName());
        }
      }

      @Override
      public void bind(WorkerContext worker) {
        context = worker;
      }

      @Override
      public void unbind() {
        mine("unbind");
        context = null;
        held.addAndGet(-reading.size());
        reading.clear();
      }

      @Override
      public int transmit(FrameBurst frames, int from, int count) {
        mine("transmit");
        if (refuses.test(frames.priority())) {
          return 0;
        }
        for (int i = from; i < from + count; i++) {
          Hop hop = hops.get(frames.nextHop(i));
          if (hop.network != frames.network(i) || frames.offload(i) != 0) {
            complaints.add("a frame of network " + frames.network(i) + " to " + hop);
          }
          notePriority(frames, i);
          carried.incrementAndGet();
          hold(frames, i);
          End to = ends.get(hop.endpoint);
          if (to != null) {
            to.arrive(Frame.plain(name, hop.network, bytes(frames, i)));
          }
        }
        return count;
      }

      private void notePriority(FrameBurst frames, int i) {
        int first = frames.firstFragment(i);
        long source = Ethernet.sourceAndType(frames.segment(first), frames.offset(first)) >>> 16;
        priorities
            .computeIfAbsent(source, _ -> ConcurrentHashMap.newKeySet())
            .add(frames.priority());
      }

      private void hold(FrameBurst frames, int i) {
        if (frames.token(i) == FrameBurst.NO_TOKEN) {
          return;
        }
        int last = frames.firstFragment(i + 1) - 1;
        if (last > frames.firstFragment(i)) {
          MemorySegment piece =
              frames.segment(last).asSlice(frames.offset(last), frames.fragmentLength(last));
          frames.hold(i);
          held.incrementAndGet();
          reading.add(new Held(frames.token(i), piece, Held.read(piece)));
        }
      }

      @Override
      public int reclaim(long[] tokens, int limit) {
        mine("reclaim");
        int count = 0;
        while (letGo && count < limit && !reading.isEmpty()) {
          Held one = reading.remove();
          if (one.piece.scope().isAlive() && !Held.read(one.piece).equals(one.content)) {
            complaints.add(name + ": a frame has changed while it was held");
          }
          held.decrementAndGet();
          tokens[count++] = one.token;
        }
        return count;
      }

      @Override
      public int receive(FrameBurst into, int limit) {
        mine("receive");
        if (lent) {
          complaints.add(name + ": frames were not released");
        }
        while (into.count() < Math.min(limit, SLOTS)) {
          Frame frame = waiting.poll();
          if (frame == null) {
            break;
          }
          long at = (long) into.count() * SLOT;
          int length = (int) frame.bytes.byteSize();
          MemorySegment.copy(frame.bytes, 0, memory, at, length);
          into.addFragment(region, at, length);
          into.endFrame(frame.network, length, frame.offload, frame.checksumOffset);
          into.setRoute(into.count() - 1, hops.indexOf(new Hop(frame.network, frame.from)), 0);
        }
        lent = into.count() > 0;
        return into.count();
      }

      @Override
      public void release(FrameBurst burst) {
        mine("release");
        lent = false;
      }

      @Override
      public boolean arm() {
        return waiting.isEmpty();
      }

      @Override
      public String failure() {
        return null;
      }

      @Override
      public void close() {
        if (context != null || lent) {
          complaints.add(name + ": a port was closed while in use");
        }
        ports.remove(this);
        regions.remove(region);
        arena.close();
      }
    }
  }

  private static byte[] bytes(FrameBurst frames, int i) {
    byte[] bytes = new byte[frames.length(i)];
    int done = 0;
    List<Integer> lengths = new ArrayList<>();
    for (int f = frames.firstFragment(i); f < frames.firstFragment(i + 1); f++) {
      int length = frames.fragmentLength(f);
      MemorySegment.copy(
          frames.segment(f), ValueLayout.JAVA_BYTE, frames.offset(f), bytes, done, length);
      done += length;
      lengths.add(length);
    }
    if (done != bytes.length) {
      throw new IllegalStateException("fragments " + lengths + " of " + bytes.length + " bytes");
    }
    return bytes;
  }
}
