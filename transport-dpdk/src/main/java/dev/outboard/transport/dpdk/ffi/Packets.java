package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The fields of packets ({@code rte_mbuf}), which are named by their addresses. Hot; a packet is
 * one thread's at a time, but for its reference count. What is read and written lies in EAL's
 * memory; that is checked.
 */
public final class Packets {
  /** Bytes in front of a packet's data in a fresh buffer. */
  public static final int HEADROOM = 128;

  private static final long VLAN_STRIPPED = 1 << 6;
  private static final int VLAN_IDENTIFIER = 0xfff;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfChar SHORT = ValueLayout.JAVA_CHAR;
  private static final VarHandle REFERENCES = ValueLayout.JAVA_SHORT.varHandle();

  private static final Layout.Mbuf LAYOUT = Libraries.loaded().layout().mbuf();
  private static final int BUFFER_ADDRESS = LAYOUT.bufferAddress();
  private static final int BUS_ADDRESS = LAYOUT.busAddress();
  private static final int DATA_OFFSET = LAYOUT.dataOffset();
  private static final int REFERENCE_COUNT = LAYOUT.references();
  private static final int SEGMENTS = LAYOUT.segments();
  private static final int FLAGS = LAYOUT.flags();
  private static final int PACKET_LENGTH = LAYOUT.packetLength();
  private static final int DATA_LENGTH = LAYOUT.dataLength();
  private static final int VLAN = LAYOUT.vlan();
  private static final int BUFFER_LENGTH = LAYOUT.bufferLength();
  private static final int NEXT = LAYOUT.next();
  private static final int TRANSMIT_OFFLOAD = LAYOUT.transmitOffload();
  private static final int SHARED_INFO = LAYOUT.sharedInfo();

  /** The buffer is not the packet's own. */
  private static final long EXTERNAL = 1L << 61;

  private static final int SHARED_INFO_BYTES = 24;

  private static final MemorySegment MEMORY = EalMemory.span();
  private static final long BASE = MEMORY.address();

  /** A function that does nothing, whatever it is given. */
  private static final long NOTHING = Libraries.symbol("labs").address();

  private static final MethodHandle FREE_BULK =
      Native.bindVoid("rte_pktmbuf_free_bulk", Native.POINTER, Native.INT);
  private static final MethodHandle COPY =
      Native.bind(
          "rte_pktmbuf_copy",
          Native.POINTER,
          Native.POINTER,
          Native.POINTER,
          Native.INT,
          Native.INT);

  private Packets() {}

  /** All memory that packets can lie in. */
  public static MemorySegment memory() {
    return MEMORY;
  }

  /** Where an address is in {@link #memory}. */
  public static long offset(long address) {
    return address - BASE;
  }

  /** Where a packet's first byte is in {@link #memory}. */
  public static long data(long packet) {
    long at = packet - BASE;
    return MEMORY.get(LONG, at + BUFFER_ADDRESS) + MEMORY.get(SHORT, at + DATA_OFFSET) - BASE;
  }

  /** How many bytes there are in all its segments. */
  public static int length(long packet) {
    return MEMORY.get(INT, packet - BASE + PACKET_LENGTH);
  }

  /** How many bytes there are in this segment alone. */
  public static int segmentLength(long packet) {
    return MEMORY.get(SHORT, packet - BASE + DATA_LENGTH);
  }

  /** How many segments it has. */
  public static int segments(long packet) {
    return MEMORY.get(SHORT, packet - BASE + SEGMENTS);
  }

  /** The identifier in the VLAN tag that a device has taken off, or -1 if it has not. */
  public static int strippedVlan(long packet) {
    long at = packet - BASE;
    boolean stripped = (MEMORY.get(LONG, at + FLAGS) & VLAN_STRIPPED) != 0;
    return stripped ? MEMORY.get(SHORT, at + VLAN) & VLAN_IDENTIFIER : -1;
  }

  /** Where devices find its buffer. */
  static long busAddress(long packet) {
    return MEMORY.get(LONG, packet - BASE + BUS_ADDRESS);
  }

  /** The size of its buffer. */
  public static int bufferLength(long packet) {
    return MEMORY.get(SHORT, packet - BASE + BUFFER_LENGTH);
  }

  /** Whether everybody but its owner has let it go. */
  public static boolean isFree(long packet) {
    return (short) REFERENCES.getAcquire(MEMORY, packet - BASE + REFERENCE_COUNT) == 1;
  }

  /** Says how many hold it. */
  public static void setReferences(long packet, int count) {
    REFERENCES.setRelease(MEMORY, packet - BASE + REFERENCE_COUNT, (short) count);
  }

  /** Says where in its buffer its data begins. */
  public static void place(long packet, int dataOffset) {
    MEMORY.set(SHORT, packet - BASE + DATA_OFFSET, (char) dataOffset);
  }

  /**
   * Describes a packet that is to be sent, of one segment.
   *
   * @param flags what the device shall do for it
   * @param offload lengths of headers and segments
   */
  public static void describe(long packet, int length, long flags, long offload) {
    long at = packet - BASE;
    MEMORY.set(SHORT, at + SEGMENTS, (char) 1);
    MEMORY.set(LONG, at + FLAGS, flags);
    MEMORY.set(INT, at + PACKET_LENGTH, length);
    MEMORY.set(SHORT, at + DATA_LENGTH, (char) length);
    MEMORY.set(LONG, at + NEXT, 0L);
    MEMORY.set(LONG, at + TRANSMIT_OFFLOAD, offload);
  }

  /**
   * Has a packet be a piece of somebody else's memory from now on ({@link #lend} says which). What
   * DPDK wants to know about such memory lies in the packet's own buffer, which is not used any
   * more: whom to call at the end, which is nobody, for the owner's reference stays.
   */
  public static void makePiece(long packet) {
    long at = packet - BASE;
    long shared = MEMORY.get(LONG, at + BUFFER_ADDRESS) - BASE;
    MEMORY.asSlice(shared, SHARED_INFO_BYTES).fill((byte) 0);
    MEMORY.set(LONG, shared + LAYOUT.sharedInfoCallBack(), NOTHING);
    MEMORY.set(SHORT, shared + LAYOUT.sharedInfoReferences(), (char) 1);
    MEMORY.set(LONG, at + SHARED_INFO, BASE + shared);
    MEMORY.set(LONG, at + FLAGS, EXTERNAL);
    MEMORY.set(SHORT, at + DATA_OFFSET, (char) 0);
    MEMORY.set(SHORT, at + SEGMENTS, (char) 1);
  }

  /** Says which memory a piece is: it is the last of its packet then. */
  public static void lend(long piece, long address, int bytes) {
    long at = piece - BASE;
    MEMORY.set(LONG, at + BUFFER_ADDRESS, address);
    MEMORY.set(LONG, at + BUS_ADDRESS, address);
    MEMORY.set(SHORT, at + BUFFER_LENGTH, (char) bytes);
    MEMORY.set(INT, at + PACKET_LENGTH, bytes);
    MEMORY.set(SHORT, at + DATA_LENGTH, (char) bytes);
    MEMORY.set(LONG, at + NEXT, 0L);
  }

  /** Has a piece follow on a packet, or on another piece. */
  public static void append(long packet, long piece) {
    MEMORY.set(LONG, packet - BASE + NEXT, piece);
  }

  /** Says how long a packet is with the pieces behind it, and of how many parts it is then. */
  public static void extend(long packet, int length, int parts) {
    long at = packet - BASE;
    MEMORY.set(INT, at + PACKET_LENGTH, length);
    MEMORY.set(SHORT, at + SEGMENTS, (char) parts);
  }

  /** Gives packets back to where they came from. */
  public static void free(long packets, int count) {
    try {
      FREE_BULK.invokeExact(packets, count);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** A copy in as few segments as fit, or 0 if the pool is empty. */
  public static long copy(long packet, Pool pool) {
    try {
      return (long) COPY.invokeExact(packet, pool.address(), 0, -1);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
