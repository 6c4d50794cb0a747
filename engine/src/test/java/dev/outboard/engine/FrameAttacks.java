package dev.outboard.engine;

import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.RawRing;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;

/** Frames with impossible sizes, offload fields that point elsewhere, and another's addresses. */
final class FrameAttacks {
  private static final long OWN_MAC = 0x0100_0000_5452L;
  private static final long OTHER_MAC = 0x6600_0000_5452L;
  private static final int IPV4 = 0x08;

  private FrameAttacks() {}

  static Stream<Attack> rows() {
    return Stream.of(
        frame("no frame behind the header", 12, 0, 0, 0, 0),
        frame("a header that is cut", 11, 0, 0, 0, 0),
        frame("a single byte", 1, 0, 0, 0, 0),
        frame("a frame of 13 bytes", 25, 0, 0, 0, 0),
        frame("a plain frame beyond the MTU", 12 + 1519, 0, 0, 0, 0),
        frame("a checksum beyond the end", 112, 1, 0, 99, 0),
        frame("a checksum at 65,535", 112, 1, 0, 65_535, 0),
        frame("a checksum in the Ethernet header", 112, 1, 0, 2, 0),
        frame("segments of no bytes", 112, 1, 1, 34, 0),
        frame("a kind of segmentation nobody knows", 112, 1, 9, 34, 1000),
        frame("segmentation without a checksum", 112, 0, 1, 34, 1000),
        frame("segmentation of what is not TCP", 112, 1, 1, 34, 1000),
        Attack.dropped(
            "another's source address",
            "source-mac",
            attacker -> send(attacker, 112, 0, 0, 0, 0, OTHER_MAC)));
  }

  private static Attack frame(
      String name, int length, int flags, int kind, int start, int segment) {
    return new Attack(
        name,
        new Attack.DroppedOne(),
        attacker -> send(attacker, length, flags, kind, start, segment, OWN_MAC));
  }

  private static void send(
      Attacker attacker, int length, int flags, int kind, int start, int segment, long mac)
      throws Exception {
    attacker.start();
    RawRing ring = attacker.ring();
    GuestMemory.Area area = attacker.good();
    area.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) flags);
    area.segment().set(ValueLayout.JAVA_BYTE, 1, (byte) kind);
    area.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 4, (short) segment);
    area.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) start);
    area.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 8, (short) 16);
    area.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 12, 0x0300_0000_5452L);
    area.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 18, (long) IPV4 << 48 | mac);
    ring.descriptor(0, area.guestAddress(), length, 0, 0);
    ring.head(0, 0);
    ring.availableIndex(1);
    attacker.kick();
  }
}
