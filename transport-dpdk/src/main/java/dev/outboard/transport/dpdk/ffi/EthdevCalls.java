package dev.outboard.transport.dpdk.ffi;

import static dev.outboard.transport.dpdk.ffi.Native.INT;
import static dev.outboard.transport.dpdk.ffi.Native.POINTER;
import static dev.outboard.transport.dpdk.ffi.Native.SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * DPDK's functions for devices, one method each, as they are: numbers and addresses in, 0 or a
 * negated error number out. {@link Device} is what others use.
 */
final class EthdevCalls {
  private static final MethodHandle ADD =
      Native.bind("rte_eal_hotplug_add", INT, POINTER, POINTER, POINTER);
  private static final MethodHandle REMOVE =
      Native.bind("rte_eal_hotplug_remove", INT, POINTER, POINTER);
  private static final MethodHandle PORT_BY_NAME =
      Native.bind("rte_eth_dev_get_port_by_name", INT, POINTER, POINTER);
  private static final MethodHandle INFO = Native.bind("rte_eth_dev_info_get", INT, SHORT, POINTER);
  private static final MethodHandle CONFIGURE =
      Native.bind("rte_eth_dev_configure", INT, SHORT, SHORT, SHORT, POINTER);
  private static final MethodHandle ADJUST =
      Native.bind("rte_eth_dev_adjust_nb_rx_tx_desc", INT, SHORT, POINTER, POINTER);
  private static final MethodHandle RECEIVE_QUEUE =
      Native.bind("rte_eth_rx_queue_setup", INT, SHORT, SHORT, SHORT, INT, POINTER, POINTER);
  private static final MethodHandle TRANSMIT_QUEUE =
      Native.bind("rte_eth_tx_queue_setup", INT, SHORT, SHORT, SHORT, INT, POINTER);
  private static final MethodHandle START = Native.bind("rte_eth_dev_start", INT, SHORT);
  private static final MethodHandle STOP = Native.bind("rte_eth_dev_stop", INT, SHORT);
  private static final MethodHandle CLOSE = Native.bind("rte_eth_dev_close", INT, SHORT);
  private static final MethodHandle TRANSMIT_DONE =
      Native.bind("rte_eth_tx_done_cleanup", INT, SHORT, SHORT, INT);
  private static final MethodHandle TRANSMIT_STOP =
      Native.bind("rte_eth_dev_tx_queue_stop", INT, SHORT, SHORT);
  private static final MethodHandle TRANSMIT_START =
      Native.bind("rte_eth_dev_tx_queue_start", INT, SHORT, SHORT);
  private static final MethodHandle SOCKET = Native.bind("rte_eth_dev_socket_id", INT, SHORT);
  private static final MethodHandle PROMISCUOUS =
      Native.bind("rte_eth_promiscuous_enable", INT, SHORT);
  private static final MethodHandle ALL_MULTICAST =
      Native.bind("rte_eth_allmulticast_enable", INT, SHORT);
  private static final MethodHandle ADDRESS =
      Native.bind("rte_eth_macaddr_get", INT, SHORT, POINTER);
  private static final MethodHandle SET_ADDRESS =
      Native.bind("rte_eth_dev_default_mac_addr_set", INT, SHORT, POINTER);
  private static final MethodHandle STATISTICS =
      Native.bind("rte_eth_stats_get", INT, SHORT, POINTER);
  private static final MethodHandle LINK =
      Native.bind("rte_eth_link_get_nowait", INT, SHORT, POINTER);
  private static final MethodHandle IS_REMOVED = Native.bind("rte_eth_dev_is_removed", INT, SHORT);

  private EthdevCalls() {}

  private static MemorySegment text(Arena arena, String text) {
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }

  static int add(String bus, String name, String arguments) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          ADD.invokeExact(
              text(arena, bus).address(),
              text(arena, name).address(),
              text(arena, arguments).address());
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int remove(String bus, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) REMOVE.invokeExact(text(arena, bus).address(), text(arena, name).address());
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** The port's number, or a negated error number. */
  static int portByName(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment port = arena.allocate(Character.BYTES, Character.BYTES);
      int result = (int) PORT_BY_NAME.invokeExact(text(arena, name).address(), port.address());
      return result < 0 ? result : port.get(ValueLayout.JAVA_CHAR, 0);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int info(int port, long to) {
    try {
      return (int) INFO.invokeExact((char) port, to);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int configure(int port, int receiveQueues, int transmitQueues, long conf) {
    try {
      return (int)
          CONFIGURE.invokeExact((char) port, (char) receiveQueues, (char) transmitQueues, conf);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Makes two wanted counts of descriptors, receive and transmit, possible ones. */
  static int adjust(int port, long counts) {
    try {
      return (int) ADJUST.invokeExact((char) port, counts, counts + Character.BYTES);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int receiveQueue(int port, int queue, int descriptors, int socket, long pool) {
    try {
      return (int)
          RECEIVE_QUEUE.invokeExact(
              (char) port, (char) queue, (char) descriptors, socket, 0L, pool);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int transmitQueue(int port, int queue, int descriptors, int socket) {
    try {
      return (int)
          TRANSMIT_QUEUE.invokeExact((char) port, (char) queue, (char) descriptors, socket, 0L);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Lets packets go that a queue has sent; how many. Hot. */
  static int transmitDone(int port, int queue) {
    try {
      return (int) TRANSMIT_DONE.invokeExact((char) port, (char) queue, 0);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Lets all packets of a queue go, and has it begin anew. */
  static int transmitRestart(int port, int queue) {
    try {
      int result = (int) TRANSMIT_STOP.invokeExact((char) port, (char) queue);
      return result < 0 ? result : (int) TRANSMIT_START.invokeExact((char) port, (char) queue);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int start(int port) {
    try {
      return (int) START.invokeExact((char) port);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int stop(int port) {
    try {
      return (int) STOP.invokeExact((char) port);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int close(int port) {
    try {
      return (int) CLOSE.invokeExact((char) port);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int socket(int port) {
    try {
      return (int) SOCKET.invokeExact((char) port);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int promiscuous(int port) {
    try {
      return (int) PROMISCUOUS.invokeExact((char) port);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int allMulticast(int port) {
    try {
      return (int) ALL_MULTICAST.invokeExact((char) port);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int isRemoved(int port) {
    try {
      return (int) IS_REMOVED.invokeExact((char) port);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int address(int port, long bytes) {
    try {
      return (int) ADDRESS.invokeExact((char) port, bytes);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int setAddress(int port, long bytes) {
    try {
      return (int) SET_ADDRESS.invokeExact((char) port, bytes);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int statistics(int port, long to) {
    try {
      return (int) STATISTICS.invokeExact((char) port, to);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  static int link(int port, long to) {
    try {
      return (int) LINK.invokeExact((char) port, to);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
