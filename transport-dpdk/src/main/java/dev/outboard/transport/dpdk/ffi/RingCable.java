package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Two {@code net_ring} devices of this process that are each other's far end, as {@code
 * net_ring0,peer=net_ring1} and the other way round. Whoever comes first lays the cable; it is
 * taken up when both are gone. The control thread, under EAL's lock.
 *
 * <pre>
 *   one   queue i  ---- ring "i>" ---->  queue i   other
 *   one   queue i  <--- ring "i<" -----  queue i   other
 * </pre>
 *
 * <p>A device's packets travel as they are, so those that wait in a ring belong to its sender. For
 * them each device has its own outgoing rings as further receive queues: who closes as the last one
 * takes back what nobody will receive.
 */
@SuppressWarnings("restricted")
final class RingCable {
  static final String DRIVER = "net_ring";

  /** Of DPDK's driver. */
  private static final int MOST_RINGS = 16;

  private static final int MOST_QUEUES = MOST_RINGS / 2;
  private static final int DESCRIPTORS = 1024;
  private static final int BURST = 32;
  private static final Map<String, RingCable> LAID = new TreeMap<>();

  /** The driver's own function, which is in its library. */
  private static final class Driver {
    static final SymbolLookup LIBRARY =
        Libraries.open(DRIVER, Dpdk.abi())
            .orElseThrow(() -> new UnsupportedOperationException("there is no driver " + DRIVER));
    static final MethodHandle FROM_RINGS =
        Native.bind(
            LIBRARY,
            "rte_eth_from_rings",
            Native.INT,
            Native.POINTER,
            Native.POINTER,
            Native.INT,
            Native.POINTER,
            Native.INT,
            Native.INT);
    static final MethodHandle CREATE =
        Native.bind(
            "rte_ring_create", Native.POINTER, Native.POINTER, Native.INT, Native.INT, Native.INT);
    static final MethodHandle FREE = Native.bindVoid("rte_ring_free", Native.POINTER);

    private Driver() {}
  }

  private final String key;
  private final int queues;
  private final long[] there;
  private final long[] back;
  private int ends;

  private RingCable(String key, int queues) throws DpdkException {
    this.key = key;
    this.queues = queues;
    there = rings(key + ">", queues);
    back = rings(key + "<", queues);
  }

  /** Whether a device is to be plugged into a cable. */
  static boolean isMeant(DeviceName name) {
    return name.name().startsWith(DRIVER) && !name.argument("peer").isEmpty();
  }

  private static String key(DeviceName name) {
    String peer = name.argument("peer");
    return name.name().compareTo(peer) < 0 ? name.name() + ":" + peer : peer + ":" + name.name();
  }

  private static boolean isFirst(DeviceName name) {
    return name.name().compareTo(name.argument("peer")) < 0;
  }

  /** What DPDK calls the device. */
  static String deviceName(DeviceName name) {
    return DRIVER + "_" + name.name();
  }

  /** Makes a device at the end of its cable, and returns how many queues that has. */
  static int plug(DeviceName name) throws DpdkException {
    if (name.argument("peer").equals(name.name())) {
      throw new DpdkException("the device " + name + " can't be its own peer");
    }
    String key = key(name);
    RingCable cable = LAID.get(key);
    if (cable == null) {
      cable = new RingCable(key, queues(name));
      LAID.put(key, cable);
    }
    long[] out = isFirst(name) ? cable.there : cable.back;
    long[] in = isFirst(name) ? cable.back : cable.there;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment receive = arena.allocate(2L * cable.queues * Long.BYTES, Long.BYTES);
      MemorySegment transmit = arena.allocateFrom(ValueLayout.JAVA_LONG, out);
      MemorySegment.copy(in, 0, receive, ValueLayout.JAVA_LONG, 0, cable.queues);
      MemorySegment.copy(
          out, 0, receive, ValueLayout.JAVA_LONG, (long) cable.queues * Long.BYTES, cable.queues);
      int port =
          (int)
              Driver.FROM_RINGS.invokeExact(
                  arena.allocateFrom(name.name(), StandardCharsets.UTF_8).address(),
                  receive.address(),
                  2 * cable.queues,
                  transmit.address(),
                  cable.queues,
                  0);
      if (port < 0) {
        cable.forget();
        throw new DpdkException("can't add the device " + name, -Eal.errno(), EalLog.end());
      }
    } catch (DpdkException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    cable.ends++;
    return cable.queues;
  }

  private static int queues(DeviceName name) throws DpdkException {
    String text = name.argument("queues");
    if (text.isEmpty()) {
      return 1;
    }
    if (text.matches("[1-" + MOST_QUEUES + "]")) {
      return text.charAt(0) - '0';
    }
    throw new DpdkException(
        "the device %s: queues=%s is not from 1 to %d".formatted(name, text, MOST_QUEUES));
  }

  /** Takes packets out of the rings: the other's; its own, too, if the other is gone. */
  static void drain(DeviceName name, FastPath path) {
    RingCable cable = LAID.get(key(name));
    int queues = cable.ends > 1 ? cable.queues : 2 * cable.queues;
    try (Arena arena = Arena.ofConfined()) {
      long packets = arena.allocate((long) BURST * Long.BYTES, Long.BYTES).address();
      for (int queue = 0; queue < queues; queue++) {
        // As many as fit a ring: the other one may go on sending.
        for (int bursts = DESCRIPTORS / BURST; bursts > 0; bursts--) {
          Packets.free(packets, path.receive(queue, packets, BURST));
        }
      }
    }
  }

  /** The device is closed. */
  static void unplug(DeviceName name) {
    RingCable cable = LAID.get(key(name));
    cable.ends--;
    cable.forget();
  }

  private void forget() {
    if (ends == 0) {
      LAID.remove(key);
      free(there);
      free(back);
    }
  }

  private static long[] rings(String name, int count) throws DpdkException {
    long[] rings = new long[count];
    for (int i = 0; i < count; i++) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocateFrom(shortName(name, i), StandardCharsets.UTF_8);
        rings[i] = (long) Driver.CREATE.invokeExact(text.address(), DESCRIPTORS, -1, 0);
      } catch (Throwable thrown) {
        throw Native.unexpected(thrown);
      }
      if (rings[i] == 0) {
        DpdkException failure =
            new DpdkException("can't make the rings of " + name, -Eal.errno(), EalLog.end());
        free(rings);
        throw failure;
      }
    }
    return rings;
  }

  /** Names of rings are short; the direction and the number tell rings of a cable apart. */
  private static String shortName(String name, int i) {
    return "%08x%s%d".formatted(name.hashCode(), name.substring(name.length() - 1), i);
  }

  private static void free(long[] rings) {
    try {
      for (long ring : rings) {
        Driver.FREE.invokeExact(ring);
      }
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
