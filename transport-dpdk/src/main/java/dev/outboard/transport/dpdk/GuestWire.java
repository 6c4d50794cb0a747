package dev.outboard.transport.dpdk;

import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Counter;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.MemorySegment;

/**
 * A single guest's frames, as they are, by a device of its own. A device that can't choose by
 * address brings others' as well; those are dropped here.
 */
final class GuestWire extends Wire {
  private final long mac;
  private final Drops drops;
  private final Counter others;

  GuestWire(long mac, Drops drops, Counter others) {
    this.mac = mac;
    this.drops = drops;
    this.others = others;
  }

  @Override
  int wrap(MemorySegment memory, long at, int bytes, int hop, int flowHash) {
    return bytes < Ethernet.HEADER ? NO_NEXT_HOP : bytes;
  }

  @Override
  boolean unwrap(MemorySegment memory, long packet) {
    int bytes = Packets.length(packet);
    if (bytes < Ethernet.HEADER) {
      drops.badFrame.add(1);
      return false;
    }
    long at = Packets.data(packet);
    long to = Ethernet.destination(memory, at);
    if (to != mac && !Ethernet.isGroup(to)) {
      others.add(1);
      return false;
    }
    found(at, bytes, 0, 0);
    return true;
  }
}
