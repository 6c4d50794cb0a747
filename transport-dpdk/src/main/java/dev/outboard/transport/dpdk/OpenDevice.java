package dev.outboard.transport.dpdk;

import dev.outboard.linux.Errno;
import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.Region;
import dev.outboard.transport.dpdk.ffi.Device;
import dev.outboard.transport.dpdk.ffi.DeviceInfo;
import dev.outboard.transport.dpdk.ffi.DeviceName;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Packets;
import dev.outboard.transport.dpdk.ffi.Pool;
import java.lang.foreign.Arena;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A device that runs, with the packets that it receives into. Control thread.
 *
 * @param info what it can do
 * @param pool whose packets it receives into
 * @param receiveQueues how many it has
 * @param transmitQueues how many it has
 * @param offloads which of {@link dev.outboard.spi.Offloads} it takes over
 * @param readable what it may read of guests' memory, or null
 */
record OpenDevice(
    Device device,
    DeviceInfo info,
    Pool pool,
    int receiveQueues,
    int transmitQueues,
    int offloads,
    ReadableMemory readable)
    implements AutoCloseable {
  /** What drivers of real devices want at the least. */
  private static final int LEAST_BYTES = 2048;

  private static final long MAC_BITS = (1L << 48) - 1;
  private static final long GROUP = 1L << 40;
  private static final long LOCAL = 1L << 41;
  private static final int BURST = 32;
  private static final int MOST_BURSTS = 1000;
  private static final int LINE = 64;
  private static final int CACHE = 256;
  private static final int BUFFERS = 4096;

  /** It keeps 2,048 ready for the kernel, and copies what it sends into others of the same pool. */
  private static final String AF_XDP = "net_af_xdp";

  private static final int BUFFERS_OF_AF_XDP = 8192;

  /** The kernel takes a moment to let go of an interface's queue that was used before. */
  private static final int ATTEMPTS = 40;

  private static final int PAUSE_MILLIS = 25;

  /** Opens it with as many queues as there are workers, or as it can have. */
  static OpenDevice open(DeviceName name, UplinkSettings settings, int workers)
      throws DpdkException {
    int attempts = name.name().startsWith(AF_XDP) ? ATTEMPTS : 1;
    while (true) {
      try {
        return openOnce(name, settings, workers);
      } catch (DpdkException e) {
        if (e.errno() != Errno.EINVAL || --attempts == 0) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_MILLIS * 1_000_000L);
      }
    }
  }

  private static OpenDevice openOnce(DeviceName name, UplinkSettings settings, int workers)
      throws DpdkException {
    Device device = Device.add(name);
    Pool pool = null;
    try {
      DeviceInfo info = device.info();
      if (settings.mtu() > info.largestMtu()) {
        throw new DpdkException(
            "the device %s carries an MTU of at most %d; mtu is %d"
                .formatted(name, info.largestMtu(), settings.mtu()));
      }
      int most = mostQueues(info, workers);
      int receive = Math.max(1, Math.min(most, info.receiveQueues()));
      int transmit = Math.max(1, Math.min(most, info.transmitQueues()));
      pool = pool(settings, info, receive, device.socket());
      boolean lends = ZeroCopy.isMeant(name, info, settings);
      boolean takesOver = settings.offloads() && settings.address().isEmpty();
      int offloads = takesOver ? SendOffloads.of(info) : 0;
      long bits = SendOffloads.bits(offloads) | (lends ? DeviceInfo.SEGMENTS : 0);
      device.start(new Device.Setup(receive, transmit, settings.mtu(), bits, false), pool);
      device.receiveAll();
      ReadableMemory readable = lends ? ZeroCopy.memory(device, settings) : null;
      return new OpenDevice(device, info, pool, receive, transmit, offloads, readable);
    } catch (DpdkException | RuntimeException e) {
      device.close();
      if (pool != null) {
        pool.close();
      }
      throw e;
    }
  }

  /** Of a TAP the kernel moves flows from queue to queue as it likes, and so out of order. */
  private static int mostQueues(DeviceInfo info, int workers) {
    return info.isTap() ? 1 : workers;
  }

  private static Pool pool(UplinkSettings settings, DeviceInfo info, int queues, int socket)
      throws DpdkException {
    int each = settings.buffers();
    if (each == 0) {
      each = info.driver().equals(AF_XDP) ? BUFFERS_OF_AF_XDP : BUFFERS;
    }
    int cache = Math.min(CACHE, each / 8);
    return Pool.create(each * queues, cache, bufferBytes(settings.mtu()), socket);
  }

  /** How many bytes a packet needs room for: Ethernet, two VLAN tags, the payload. */
  static int bufferBytes(int mtu) {
    int bytes = Ethernet.HEADER + 2 * VlanTag.SIZE + mtu;
    return Math.max(LEAST_BYTES, (bytes + LINE - 1) / LINE * LINE);
  }

  FastPath path() {
    return device.fastPath(receiveQueues, transmitQueues);
  }

  /** Sends payload from guests' memory; null if it is copied. */
  LentPayload lentPayload() throws DpdkException {
    return readable == null
        ? null
        : new LentPayload(readable, path(), info.mostSegments(), device.socket());
  }

  /**
   * Says what the device is to do; null if it can't do anything.
   *
   * @param longest how long a frame may be
   */
  SendOffloads sendOffloads(int longest) {
    return offloads == 0 ? null : new SendOffloads(info, longest);
  }

  /** Copies super-frames for it; null if it does not cut them. */
  LongFrames longFrames() throws DpdkException {
    return (offloads & Offloads.TSO4) == 0 ? null : new LongFrames(device.socket());
  }

  /** As {@link dev.outboard.spi.Transport#memoryAdded}. */
  void memoryAdded(Region region) {
    if (readable != null) {
      readable.add(region);
    }
  }

  /** As {@link dev.outboard.spi.Transport#memoryRemoved}. */
  void memoryRemoved(Region region) {
    if (readable != null) {
      readable.remove(region);
    }
  }

  /** Throws away what has arrived, as far as there is an end to it. Nobody else receives. */
  void drain() {
    FastPath path = path();
    try (Arena arena = Arena.ofConfined()) {
      long packets = arena.allocate((long) BURST * Long.BYTES, Long.BYTES).address();
      int count = BURST;
      for (int bursts = 0; count > 0 && bursts < MOST_BURSTS; bursts++) {
        count = path.receive(0, packets, BURST);
        Packets.free(packets, count);
      }
    }
  }

  /** Its Ethernet address, or one that this host makes up for a device that has none. */
  long ownAddress() {
    long address = device.address();
    if (address == 0) {
      return (ThreadLocalRandom.current().nextLong() & (MAC_BITS ^ GROUP)) | LOCAL;
    }
    return address;
  }

  /** Whether several threads may send by a queue at the same time. */
  boolean isLockFree() {
    return info.canSend(DeviceInfo.LOCK_FREE);
  }

  @Override
  public void close() {
    if (readable != null) {
      readable.close();
    }
    device.close();
    pool.close();
  }
}
