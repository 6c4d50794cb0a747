package dev.outboard.transport.dpdk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The four bytes of a VLAN tag (IEEE 802.1Q) between a frame's addresses and its type. Hot. */
final class VlanTag {
  static final int SIZE = 4;

  /** Two Ethernet addresses. */
  static final int PLACE = 12;

  /** Of the tag's second half; the rest is a priority. */
  static final int IDENTIFIER = 0xfff;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** The types of tags: customers', providers' and what was used before those had a number. */
  private static final int CUSTOMER = 0x8100;

  private static final int PROVIDER = 0x88a8;
  private static final int OLD = 0x9100;

  private VlanTag() {}

  /** Whether a frame, of a header's size at least, has a tag of any kind. */
  static boolean isThere(MemorySegment memory, long frame) {
    int type = memory.get(SHORT, frame + PLACE) & 0xffff;
    return type == CUSTOMER || type == PROVIDER || type == OLD;
  }

  /** Whether a frame has a tag of the kind that networks have. */
  static boolean isCustomers(MemorySegment memory, long frame) {
    return (memory.get(SHORT, frame + PLACE) & 0xffff) == CUSTOMER;
  }

  /** The identifier in a frame's tag. */
  static int identifier(MemorySegment memory, long frame) {
    return memory.get(SHORT, frame + PLACE + 2) & IDENTIFIER;
  }

  /** Puts a tag in; the frame starts four bytes earlier then, where there must be room. */
  static void insert(MemorySegment memory, long frame, int identifier) {
    MemorySegment.copy(memory, frame, memory, frame - SIZE, PLACE);
    memory.set(SHORT, frame - SIZE + PLACE, (short) CUSTOMER);
    memory.set(SHORT, frame - SIZE + PLACE + 2, (short) identifier);
  }

  /** Takes the tag out; the frame starts four bytes later then. */
  static void remove(MemorySegment memory, long frame) {
    MemorySegment.copy(memory, frame, memory, frame + SIZE, PLACE);
  }
}
