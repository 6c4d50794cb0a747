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

  private Vxlan() {}

  /** Whether the header at {@code at} says that it has a network's number. */
  public static boolean isValid(MemorySegment memory, long at) {
    return (Bytes.i64(memory, at) & VALID) != 0;
  }

  /** The network's number (VNI). */
  public static int network(MemorySegment memory, long at) {
    return (int) (Bytes.i64(memory, at) >>> 8) & MAX_NETWORK;
  }

  /** Writes a header. */
  public static void write(MemorySegment memory, long at, int network) {
    Bytes.put64(memory, at, VALID | (long) network << 8);
  }
}
