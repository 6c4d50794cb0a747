package dev.outboard.transport.dpdk;

import dev.outboard.spi.FrameBurst;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.MemorySegment;

/**
 * Copies of super-frames' payload, for devices that cut them: a few large packets, to be appended
 * to one with the headers. Its worker's; hot.
 */
final class LongFrames {
  private static final int PACKETS = 64;
  private static final int ROOM = 32_768;

  private final PacketRing ring;
  private final MemorySegment memory = Packets.memory();
  private long first;
  private int bytes;

  LongFrames(int socket) throws DpdkException {
    ring = new PacketRing(PACKETS, ROOM, socket);
  }

  /**
   * Copies a frame's fragments.
   *
   * @param from the first
   * @param end the one behind the last
   * @return how many packets they make; 0 if there are not enough left
   */
  int copy(FrameBurst burst, int from, int end) {
    int count = 0;
    int room = 0;
    long last = 0;
    long to = 0;
    bytes = 0;
    for (int f = from; f < end; f++) {
      int length = burst.fragmentLength(f);
      for (int done = 0; done < length; ) {
        if (room == 0) {
          long packet = ring.take();
          if (packet == 0) {
            ring.giveBack(count);
            return 0;
          }
          Packets.place(packet, Packets.HEADROOM);
          if (last == 0) {
            first = packet;
          } else {
            Packets.describe(last, ROOM, 0, 0);
            Packets.append(last, packet);
          }
          last = packet;
          to = Packets.data(packet);
          room = ROOM;
          count++;
        }
        int some = Math.min(room, length - done);
        MemorySegment.copy(burst.segment(f), burst.offset(f) + done, memory, to, some);
        to += some;
        room -= some;
        done += some;
        bytes += some;
      }
    }
    if (count > 0) {
      Packets.describe(last, ROOM - room, 0, 0);
    }
    return count;
  }

  /** The first packet of the last {@link #copy}. */
  long first() {
    return first;
  }

  /** How many bytes the last {@link #copy} has copied. */
  int bytes() {
    return bytes;
  }

  /** The last packets are not sent. */
  void giveBack(int count) {
    ring.giveBack(count);
  }

  /** Frees the packets. Control thread. */
  void close() {
    ring.close();
  }
}
