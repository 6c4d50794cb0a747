package dev.outboard.bench;

import dev.outboard.linux.Threads;
import dev.outboard.transport.dpdk.ffi.Device;
import dev.outboard.transport.dpdk.ffi.DeviceName;
import dev.outboard.transport.dpdk.ffi.Eal;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Lcores;
import dev.outboard.transport.dpdk.ffi.Packets;
import dev.outboard.transport.dpdk.ffi.Pool;
import java.lang.foreign.Arena;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Forwards bursts from {@code net_null} to itself, in a thread of its own on one processor. */
final class NullForwarder implements AutoCloseable {
  private static final int BURST = 32;
  private static final int BUFFERS = 16_384;
  private static final int BYTES = 2048;
  private static final long SAMPLE_NANOS = 1_000_000_000L;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Device device;
  private final Pool pool;
  private final FastPath path;
  private final long packets =
      Arena.ofAuto().allocate((long) BURST * Long.BYTES, Long.BYTES).address();

  private NullForwarder(Device device, Pool pool) {
    this.device = device;
    this.pool = pool;
    path = device.fastPath(1, 1);
  }

  static NullForwarder start(int cpu) throws Exception {
    Eal.start(new Eal.Options(false, 512, ""));
    Device device = Device.add(DeviceName.parse("net_null0"));
    Pool pool = Pool.create(BUFFERS, 256, BYTES, device.socket());
    device.start(new Device.Setup(1, 1, 1500, 0, false), pool);
    NullForwarder forwarder = new NullForwarder(device, pool);
    forwarder
        .thread
        .submit(
            () -> {
              Threads.pinCurrentThread(cpu);
              Lcores.enter();
              return null;
            })
        .get();
    return forwarder;
  }

  long packetsPerSecond() throws Exception {
    return thread.submit(this::sample).get();
  }

  private long sample() {
    long start = System.nanoTime();
    long now = start;
    long sent = 0;
    while (now - start < SAMPLE_NANOS) {
      for (int i = 0; i < 1000; i++) {
        sent += forward();
      }
      now = System.nanoTime();
    }
    return Math.round(sent * 1e9 / (now - start));
  }

  private int forward() {
    int received = path.receive(0, packets, BURST);
    int sent = path.transmit(0, packets, received);
    if (sent < received) {
      Packets.free(packets + (long) sent * Long.BYTES, received - sent);
    }
    return sent;
  }

  @Override
  public void close() {
    thread.execute(Lcores::leave);
    thread.close();
    device.close();
    pool.close();
  }
}
