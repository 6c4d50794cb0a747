package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out, once EAL runs, whether packets look as our layout says: DPDK describes one in words,
 * which must be what we read there; then we write other values, and DPDK must see those. Reading
 * comes first, as DPDK ends the process over a packet that makes no sense.
 */
final class LayoutCheck {
  private static final int ROOM = 1000;

  private static final MethodHandle DUMP =
      Native.bindVoid("rte_pktmbuf_dump", Native.POINTER, Native.POINTER, Native.INT);
  private static final MethodHandle STREAM =
      Native.bind("open_memstream", Native.POINTER, Native.POINTER, Native.POINTER);
  private static final MethodHandle CLOSE = Native.bind("fclose", Native.INT, Native.POINTER);
  private static final MethodHandle FREE = Native.bindVoid("free", Native.POINTER);

  private LayoutCheck() {}

  static void check() throws DpdkException {
    Pool pool = Pool.create(1, 0, ROOM, -1);
    try {
      long packet = pool.packets()[0];
      String fresh = dump(packet);
      same(fresh, "buf_len", Packets.bufferLength(packet), Packets.HEADROOM + ROOM);
      same(fresh, "nb_segs", Packets.segments(packet), 1);
      same(fresh, "off", Packets.HEADROOM, Packets.HEADROOM);
      same(fresh, "refcnt", Packets.isFree(packet) ? 1 : 0, 1);
      same(fresh, "pkt_len", Packets.length(packet), 0);
      long data = Packets.memory().address() + Packets.data(packet);
      if (!fresh.contains("data=0x%x".formatted(data))) {
        throw unknown("data", fresh);
      }
      if (!fresh.contains("iova=0x%x".formatted(Packets.busAddress(packet)))) {
        throw unknown("iova", fresh);
      }
      Packets.describe(packet, 77, 0, 0);
      Packets.setReferences(packet, 3);
      String written = dump(packet);
      same(written, "pkt_len", Packets.length(packet), 77);
      same(written, "len", Packets.segmentLength(packet), 77);
      same(written, "refcnt", 3, 3);
      Packets.describe(packet, 0, 0, 0);
      Packets.setReferences(packet, 1);
    } finally {
      pool.close();
    }
  }

  private static void same(String dump, String name, int read, int expected) throws DpdkException {
    Matcher matcher = Pattern.compile("\\b" + name + "=(\\d+)").matcher(dump);
    if (!matcher.find() || Integer.parseInt(matcher.group(1)) != expected || read != expected) {
      throw unknown(name, dump);
    }
  }

  private static DpdkException unknown(String field, String dump) {
    return new DpdkException(
        "this DPDK (ABI %d) has packets of an unknown layout, %s is elsewhere: %s"
            .formatted(Dpdk.abi(), field, dump.replaceAll("\\s+", " ").strip()));
  }

  /** A packet in DPDK's words. */
  static String dump(long packet) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(2L * Long.BYTES, Long.BYTES);
      long stream = (long) STREAM.invokeExact(result.address(), result.address() + Long.BYTES);
      DUMP.invokeExact(stream, packet, 0);
      int _ = (int) CLOSE.invokeExact(stream);
      long text = result.get(ValueLayout.JAVA_LONG, 0);
      String dump = Native.textAt(text);
      FREE.invokeExact(text);
      return dump;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
