package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * The VXLAN header (RFC 7348, section 5), between UDP and the Ethernet frame inside.
 *
 * <pre>
 *   flags (8 bits; bit 3 is "I": the VNI is valid)   reserved (24)   VNI (24)   reserved (8)
 * </pre>
 *
 * <p>Reserved bits are sent as zero and ignored when received, as the RFC wants it.
 */
public final class Vxlan {
  /** Bytes of the header. */
  public static final int HEADER = 8;

  /** The UDP port of VXLAN. */
  public static final int PORT = 4789;

  /** The largest network number. */
  public static final int MAX_NETWORK = 0xff_ffff;

  private static final long VALID = 1L << 59;
  private static final int FIRST_DYNAMIC_PORT = 0xc000;
  private static final int DYNAMIC_SHIFT = 18;

  private Vxlan() {}

  /** Whether the header at {@code at} says that it has a network's number. */
  public static boolean isValid(MemorySegment memory, long at) {
    return isValid(Bytes.i64(memory, at));
  }

  /** The network's number (VNI). */
  public static int network(MemorySegment memory, long at) {
    return network(Bytes.i64(memory, at));
  }

  /** Whether a header says that it has a network's number; taken whole, as by one load. */
  public static boolean isValid(long header) {
    return (header & VALID) != 0;
  }

  /** The network's number of a header that was taken whole. */
  public static int network(long header) {
    return (int) (header >>> 8) & MAX_NETWORK;
  }

  /** A header as one number. */
  public static long header(int network) {
    return VALID | (long) network << 8;
  }

  /**
   * The UDP source port of a flow: from the ports that nobody is given (RFC 6335), as section 5 of
   * the RFC wants it, so that whoever spreads by ports keeps flows together.
   */
  public static int sourcePort(int flowHash) {
    return FIRST_DYNAMIC_PORT | flowHash >>> DYNAMIC_SHIFT;
  }

  /** Writes a header. */
  public static void write(MemorySegment memory, long at, int network) {
    Bytes.put64(memory, at, header(network));
  }
}
