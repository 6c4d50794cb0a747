package dev.outboard.transport.dpdk;

import dev.outboard.packet.Ethernet;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.MemorySegment;

/** Frames as they are, those of all networks but one with a VLAN tag. */
final class PlainWire extends Wire {
  private final Vlans vlans;
  private final Drops drops;

  PlainWire(Vlans vlans, Drops drops) {
    this.vlans = vlans;
    this.drops = drops;
  }

  @Override
  int wrap(MemorySegment memory, long at, int bytes, int hop, int flowHash) {
    int vlan = Vlans.vlan(hop);
    if (!vlans.isOpen(vlan)) {
      return NO_NEXT_HOP;
    }
    if (vlan != Vlans.NO_TAG) {
      VlanTag.insert(memory, at, vlan);
      return bytes + VlanTag.SIZE;
    }
    return bytes < Ethernet.HEADER || VlanTag.isThere(memory, at) ? TAGGED : bytes;
  }

  @Override
  boolean unwrap(MemorySegment memory, long packet) {
    int bytes = Packets.length(packet);
    if (bytes < Ethernet.HEADER) {
      drops.badFrame.add(1);
      return false;
    }
    long at = Packets.data(packet);
    int vlan = Packets.strippedVlan(packet);
    boolean tagged = false;
    if (vlan < 0) {
      tagged = bytes >= Ethernet.HEADER + VlanTag.SIZE && VlanTag.isCustomers(memory, at);
      vlan = tagged ? VlanTag.identifier(memory, at) : Vlans.NO_TAG;
    }
    if (!vlans.isOpen(vlan)) {
      drops.unknownNetwork.add(1);
      return false;
    }
    if (tagged) {
      VlanTag.remove(memory, at);
      at += VlanTag.SIZE;
      bytes -= VlanTag.SIZE;
    }
    found(at, bytes, vlans.network(vlan), Vlans.hop(vlan));
    return true;
  }
}
