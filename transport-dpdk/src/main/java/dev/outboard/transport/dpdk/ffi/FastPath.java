package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A port's functions for bursts, read from the exported table as DPDK's inline functions do. They
 * change whenever the port is started or stopped: read them anew then. Hot; a queue is one thread's
 * at a time.
 */
public final class FastPath {
  /** The exported table. */
  static final String TABLE = "rte_eth_fp_ops";

  private static final MethodHandle BURST =
      Native.pointer(Native.SHORT, Native.POINTER, Native.POINTER, Native.SHORT);

  private static final Layout.FastPath LAYOUT = Libraries.loaded().layout().fastPath();

  private final int port;
  private final MemorySegment receiveFunction;
  private final MemorySegment transmitFunction;
  private final long[] receiveQueues;
  private final long[] transmitQueues;

  FastPath(int port, int receiveQueueCount, int transmitQueueCount) {
    this.port = port;
    MemorySegment entry =
        Native.at(Libraries.symbol(TABLE).address() + (long) port * LAYOUT.size(), LAYOUT.size());
    receiveFunction = MemorySegment.ofAddress(word(entry, LAYOUT.receiveFunction()));
    transmitFunction = MemorySegment.ofAddress(word(entry, LAYOUT.transmitFunction()));
    receiveQueues = queues(word(entry, LAYOUT.receiveQueues()), receiveQueueCount);
    transmitQueues = queues(word(entry, LAYOUT.transmitQueues()), transmitQueueCount);
  }

  private static long word(MemorySegment entry, int offset) {
    return entry.get(ValueLayout.JAVA_LONG, offset);
  }

  private static long[] queues(long array, int count) {
    return Native.at(array, (long) count * Long.BYTES).toArray(ValueLayout.JAVA_LONG);
  }

  /**
   * Receives from a queue.
   *
   * @param packets where the addresses of packets are put
   * @param most how many there is room for; drivers may give none at all below 32
   * @return how many there are
   */
  public int receive(int queue, long packets, int most) {
    try {
      return (char) BURST.invokeExact(receiveFunction, receiveQueues[queue], packets, (char) most);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /**
   * Has a queue let go of what it has sent, though nothing more is sent; whether it can do that.
   */
  public boolean finish(int queue) {
    return EthdevCalls.transmitDone(port, queue) >= 0;
  }

  /** Has a queue let go of all packets, sent or not; whether it can do that. */
  public boolean restart(int queue) {
    return EthdevCalls.transmitRestart(port, queue) >= 0;
  }

  /**
   * Gives packets to a queue.
   *
   * @param packets where their addresses are
   * @return how many the queue has taken, the first ones
   */
  public int transmit(int queue, long packets, int count) {
    try {
      return (char)
          BURST.invokeExact(transmitFunction, transmitQueues[queue], packets, (char) count);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
