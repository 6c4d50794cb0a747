package dev.outboard.bench;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Setting;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.WorkerContext;
import dev.outboard.transport.iouring.IoUringProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** An {@code iouring} uplink with one worker, which never sleeps: the calling thread. */
final class VxlanHost implements TransportContext, WorkerContext, AutoCloseable {
  /** The network that all frames are in. */
  static final int NETWORK = 1;

  /** Frames of a burst that is sent. */
  static final int BURST = 32;

  private static final int HEADERS = 54;
  private static final int SLOT = 2048;

  private final Map<String, String> settings = new HashMap<>();
  private final RegionTable regions = new RegionTable();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate((long) BURST * SLOT, 64);
  private final int region = regions.add(memory);
  private final FrameBurst burst = new FrameBurst(regions, 256, 256);
  private final Transport transport;
  private final SharedPort port;

  VxlanHost(String address) throws Exception {
    IoUringProvider provider = new IoUringProvider();
    for (Setting setting : provider.settings()) {
      settings.put(setting.name(), setting.defaultValue());
    }
    settings.put("address", address);
    transport = provider.open(this);
    port = transport.openSharedPort(0);
    port.bind(this);
    if (port.failure() != null) {
      throw new IllegalStateException(port.failure());
    }
  }

  int peer(String address) throws Exception {
    return transport.openPeer(NETWORK, address).number();
  }

  /**
   * Sends equal frames in two fragments each: of one flow, or none of the flow of the one before.
   */
  int send(int hop, int length, boolean oneFlow) {
    burst.clear();
    for (int i = 0; i < BURST; i++) {
      long at = (long) i * SLOT;
      burst.addFragment(region, at, HEADERS);
      burst.addFragment(region, at + HEADERS, length - HEADERS);
      burst.endFrame(NETWORK, length, 0, 0);
      burst.setRoute(i, hop, oneFlow ? 0 : Integer.reverse(i));
    }
    return port.transmit(burst, 0, BURST);
  }

  /** Receives until there is nothing. */
  int receiveAll() {
    int all = 0;
    int count;
    do {
      burst.clear();
      count = port.receive(burst, burst.capacity());
      port.release(burst);
      all += count;
    } while (count > 0);
    return all;
  }

  @Override
  public String uplink() {
    return "bench";
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
    return new Counter();
  }

  @Override
  public void failed(String reason) {
    throw new IllegalStateException(reason);
  }

  @Override
  public int worker() {
    return 0;
  }

  @Override
  public boolean watch(int fd) {
    return true; // this worker asks all the time
  }

  @Override
  public void unwatch(int fd) {
    // Nothing was watched.
  }

  @Override
  public void wake() {
    // It never sleeps.
  }

  @Override
  public void close() {
    port.unbind();
    port.close();
    transport.close();
    regions.remove(region);
    arena.close();
  }
}
