package dev.outboard.transport.dpdk;

import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Packets;
import dev.outboard.transport.dpdk.ffi.Pool;

/**
 * A worker's own packets to send by, used in turns. Its worker's; hot.
 *
 * <p>Theory of operation. The pool that they were made in is never asked for one, nor given one
 * back. A packet on its way has two references, ours and the driver's; a driver that is done with
 * it takes its own away, and the one that is left says that the packet is free. So nothing of
 * DPDK's inline code for pools is needed, whoever frees a packet does so as if it were any other,
 * and what a driver still has can be seen.
 */
final class PacketRing {
  private static final int FREE = 1;
  private static final int IN_FLIGHT = 2;

  private final Pool pool;
  private final long[] packets;
  private final int mask;
  private int next;

  /**
   * A ring.
   *
   * @param count how many, a power of 2
   * @param bytes of data that each has room for
   */
  PacketRing(int count, int bytes, int socket) throws DpdkException {
    pool = Pool.create(count, 0, bytes, socket);
    packets = pool.packets();
    mask = count - 1;
  }

  /** A ring of packets that are pieces of somebody else's memory ({@link Packets#makePiece}). */
  static PacketRing ofPieces(int count, int socket) throws DpdkException {
    PacketRing ring = new PacketRing(count, 0, socket);
    for (long packet : ring.packets) {
      Packets.makePiece(packet);
    }
    return ring;
  }

  /** The next packet, which the caller has now; or 0 if the device still has it. */
  long take() {
    long packet = packets[next & mask];
    if (!Packets.isFree(packet)) {
      return 0;
    }
    next++;
    Packets.setReferences(packet, IN_FLIGHT);
    return packet;
  }

  /** Whether the device has let go of the packets from one position on, up to another. */
  boolean areFree(int from, int end) {
    for (int at = from; at != end; at++) {
      if (!Packets.isFree(packets[at & mask])) {
        return false;
      }
    }
    return true;
  }

  /** The device has not taken the last ones: they are free again. */
  void giveBack(int count) {
    for (int i = 0; i < count; i++) {
      next--;
      Packets.setReferences(packets[next & mask], FREE);
    }
  }

  /** Frees the memory, now or when the last packet is back. Control thread. */
  void close() {
    pool.close(packets);
  }
}
