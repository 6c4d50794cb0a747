package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Packets with their buffers ({@code rte_mempool}). Made and closed by the control thread; any
 * thread's packets come from it and go back.
 */
@SuppressWarnings("restricted")
public final class Pool {
  private static final MethodHandle CREATE =
      Native.bind(
          "rte_pktmbuf_pool_create",
          Native.POINTER,
          Native.POINTER,
          Native.INT,
          Native.INT,
          Native.SHORT,
          Native.SHORT,
          Native.INT);
  private static final MethodHandle FREE = Native.bindVoid("rte_mempool_free", Native.POINTER);
  private static final MethodHandle AVAILABLE =
      Native.bind("rte_mempool_avail_count", Native.INT, Native.POINTER);
  private static final MethodHandle EACH =
      Native.bind(
          "rte_mempool_obj_iter", Native.INT, Native.POINTER, Native.POINTER, Native.POINTER);

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final List<Closed> CLOSED = new ArrayList<>();

  private final long address;
  private final int count;

  private Pool(long address, int count) {
    this.address = address;
    this.count = count;
  }

  /**
   * A new pool.
   *
   * @param count of packets
   * @param cache how many a thread may keep for itself
   * @param bytes of data that each has room for, behind its headroom
   * @param socket the NUMA node, or -1
   */
  public static Pool create(int count, int cache, int bytes, int socket) throws DpdkException {
    int _ = sweep();
    long pool;
    String what = "can't make a pool of %d buffers of %d bytes".formatted(count, bytes);
    EalLog.begin();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name =
          arena.allocateFrom("outboard-" + NUMBER.incrementAndGet(), StandardCharsets.UTF_8);
      pool =
          (long)
              CREATE.invokeExact(
                  name.address(),
                  count,
                  cache,
                  (char) 0,
                  (char) (Packets.HEADROOM + bytes),
                  socket);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    if (pool == 0) {
      throw new DpdkException(what, -Eal.errno(), EalLog.end());
    }
    return new Pool(pool, count);
  }

  long address() {
    return address;
  }

  /** How many packets it has, in use or not. */
  public int count() {
    return count;
  }

  /** How many packets are not in use. */
  public int available() {
    try {
      return (int) AVAILABLE.invokeExact(address);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** What DPDK calls back for each packet. */
  interface Visitor {
    void visit(long pool, long argument, long packet, int index);
  }

  /** The addresses of all packets: for one who uses them without asking the pool. */
  public long[] packets() {
    long[] packets = new long[count];
    Visitor visitor = (_, _, packet, index) -> packets[index] = packet;
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle visit =
          MethodHandles.lookup()
              .bind(
                  visitor,
                  "visit",
                  MethodType.methodType(void.class, long.class, long.class, long.class, int.class));
      MemorySegment callBack =
          Native.callBack(
              visit, arena, null, Native.POINTER, Native.POINTER, Native.POINTER, Native.INT);
      int _ = (int) EACH.invokeExact(address, callBack.address(), 0L);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    return packets;
  }

  /** Frees the memory at once: the device that received into it is closed. */
  public void close() {
    free();
  }

  /**
   * Frees the memory as soon as these packets, which are all that it has, are free: now, or when
   * another pool is made or closed. The far end of a ring may keep packets for long.
   */
  public void close(long[] own) {
    synchronized (CLOSED) {
      CLOSED.add(new Closed(this, own));
    }
    int _ = sweep();
  }

  /** A pool that its owner has closed. */
  private static final class Closed {
    private final Pool pool;
    private final long[] own;

    Closed(Pool pool, long[] own) {
      this.pool = pool;
      this.own = own;
    }

    boolean isFree() {
      for (long packet : own) {
        if (!Packets.isFree(packet)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Frees what can be freed; how many closed pools are left. Any thread. */
  public static int sweep() {
    synchronized (CLOSED) {
      CLOSED.removeIf(
          closed -> {
            boolean free = closed.isFree();
            if (free) {
              closed.pool.free();
            }
            return free;
          });
      return CLOSED.size();
    }
  }

  private void free() {
    try {
      FREE.invokeExact(address);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
