package dev.outboard.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Writes and reads rtnetlink messages about network devices. Private to the package; one thread at
 * a time.
 *
 * <pre>
 *   nlmsghdr    length(4) type(2) flags(2) sequence(4) port(4)
 *   ifinfomsg   family(1) pad(1) type(2) index(4) flags(4) change(4)
 *   attribute   length(2) type(2) bytes, padded to 4; may nest
 * </pre>
 */
final class LinkMessage {
  static final int NEW_LINK = 16;
  static final int DELETE_LINK = 17;
  static final int GET_LINK = 18;
  static final int SET_LINK = 19;
  static final int GET_ADDRESS = 22;
  static final int NEW_NEIGHBOUR = 28;

  static final int REQUEST = 1;
  static final int ACKNOWLEDGE = 4;
  static final int EXCLUSIVE = 0x200;
  static final int CREATE = 0x400;
  static final int DUMP = 0x300;

  static final int ADDRESS = 1;
  static final int NAME = 3;
  static final int MTU = 4;
  static final int MASTER = 10;
  static final int PORT_INFO = 12 | 0x8000;
  static final int INFO = 18;
  static final int ALIAS = 20;
  static final int GROUP = 27;
  static final int INFO_KIND = 1;
  static final int INFO_DATA = 2;

  static final int HEADER_SIZE = 16;
  static final int UP = 0x1;
  static final int NO_ARP = 0x80;

  private static final int FAMILY_BRIDGE = 7;
  private static final int NEIGHBOUR_SIZE = 12;
  private static final int NEIGHBOUR_ADDRESS = 2;
  private static final int STATIC_ENTRY = 0x40;
  private static final int ENTRY_OF_MASTER = 4;

  private static final int BODY_SIZE = 16;
  private static final int FLAGS_OFFSET = HEADER_SIZE + 8;
  private static final int TYPE_MASK = 0x3fff;
  private static final int MAC_SIZE = 6;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private final MemorySegment memory;
  private int start;
  private int end;
  private int messages;

  LinkMessage(Arena arena, int size) {
    memory = arena.allocate(size, Long.BYTES);
  }

  /** All messages begun so far, finished: the kernel handles them in one call, one by one. */
  MemorySegment finished() {
    finish();
    return memory.asSlice(0, end);
  }

  int count() {
    return messages;
  }

  /** Begins a message, after those begun before, about the device with this index (0: by name). */
  LinkMessage begin(int type, int flags, int index) {
    finish();
    start = end;
    messages++;
    memory.set(SHORT, start + 4L, (short) type);
    memory.set(SHORT, start + 6L, (short) flags);
    memory.set(INT, start + 8L, messages);
    memory.set(INT, start + HEADER_SIZE + 4L, index);
    end = start + HEADER_SIZE + BODY_SIZE;
    return this;
  }

  private void finish() {
    if (messages > 0) {
      memory.set(INT, start, end - start);
    }
  }

  /** Begins a change of how a device behaves as a port of its bridge. */
  LinkMessage beginPort(int index) {
    begin(SET_LINK, REQUEST | ACKNOWLEDGE, index);
    memory.set(BYTE, start + (long) HEADER_SIZE, (byte) FAMILY_BRIDGE);
    return this;
  }

  /** A whole message: the bridge of this port shall send frames for this address there. */
  LinkMessage staticForwarding(int index, long mac) {
    begin(NEW_NEIGHBOUR, REQUEST | ACKNOWLEDGE | CREATE | EXCLUSIVE, index);
    memory.set(BYTE, start + (long) HEADER_SIZE, (byte) FAMILY_BRIDGE);
    memory.set(SHORT, start + HEADER_SIZE + 8L, (short) STATIC_ENTRY);
    memory.set(BYTE, start + HEADER_SIZE + 10L, (byte) ENTRY_OF_MASTER);
    end = start + HEADER_SIZE + NEIGHBOUR_SIZE;
    return putMac(NEIGHBOUR_ADDRESS, mac);
  }

  /** Changes these of the device's flags. */
  LinkMessage flags(int mask, int values) {
    memory.set(INT, start + (long) FLAGS_OFFSET, values);
    memory.set(INT, start + FLAGS_OFFSET + 4L, mask);
    return this;
  }

  LinkMessage put(int type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int at = openAttribute(type);
    MemorySegment.copy(bytes, 0, memory, BYTE, end, bytes.length);
    // An empty text has no NUL either: so an alias is taken off.
    end += bytes.length == 0 ? 0 : bytes.length + 1;
    return closeAttribute(at);
  }

  LinkMessage put(int type, int value) {
    int at = openAttribute(type);
    memory.set(INT, end, value);
    end += Integer.BYTES;
    return closeAttribute(at);
  }

  LinkMessage putByte(int type, int value) {
    int at = openAttribute(type);
    memory.set(BYTE, end, (byte) value);
    end += 1;
    return closeAttribute(at);
  }

  LinkMessage putMac(int type, long mac) {
    int at = openAttribute(type);
    for (int i = 0; i < MAC_SIZE; i++) {
      memory.set(BYTE, (long) end + i, (byte) (mac >>> (8 * (MAC_SIZE - 1 - i))));
    }
    end += MAC_SIZE;
    return closeAttribute(at);
  }

  /** Opens a nested attribute; the result goes to {@link #closeAttribute}. */
  int openAttribute(int type) {
    int at = end;
    memory.set(SHORT, at + 2L, (short) type);
    end = at + 4;
    return at;
  }

  LinkMessage closeAttribute(int at) {
    memory.set(SHORT, at, (short) (end - at));
    end = (end + 3) & ~3;
    return this;
  }

  /** Reads what the kernel says about one device. */
  static Link read(MemorySegment message) {
    String name = "";
    String kind = "";
    String alias = "";
    int master = 0;
    int group = 0;
    int mtu = 0;
    long mac = 0;
    int index = message.get(INT, HEADER_SIZE + 4L);
    boolean up = (message.get(INT, FLAGS_OFFSET) & UP) != 0;
    for (Attributes a = new Attributes(message, HEADER_SIZE + BODY_SIZE); a.next(); ) {
      switch (a.type) {
        case NAME -> name = a.value.getString(0);
        case ALIAS -> alias = a.value.getString(0);
        case MASTER -> master = a.value.get(INT, 0);
        case GROUP -> group = a.value.get(INT, 0);
        case MTU -> mtu = a.value.get(INT, 0);
        case ADDRESS -> mac = readMac(a.value);
        case INFO -> kind = readKind(a.value);
        default -> {
          continue;
        }
      }
    }
    return new Link(index, name, kind, alias, master, group, mtu, mac, up);
  }

  private static String readKind(MemorySegment info) {
    for (Attributes a = new Attributes(info, 0); a.next(); ) {
      if (a.type == INFO_KIND) {
        return a.value.getString(0);
      }
    }
    return "";
  }

  private static long readMac(MemorySegment value) {
    long mac = 0;
    for (int i = 0; i < MAC_SIZE && value.byteSize() == MAC_SIZE; i++) {
      mac = (mac << 8) | (value.get(BYTE, i) & 0xff);
    }
    return mac;
  }

  /** Walks over attributes. */
  static final class Attributes {
    private final MemorySegment memory;
    private long at;
    int type;
    MemorySegment value;

    Attributes(MemorySegment memory, long at) {
      this.memory = memory;
      this.at = at;
    }

    boolean next() {
      if (at + 4 > memory.byteSize()) {
        return false;
      }
      int length = Short.toUnsignedInt(memory.get(SHORT, at));
      if (length < 4 || at + length > memory.byteSize()) {
        return false;
      }
      type = memory.get(SHORT, at + 2) & TYPE_MASK;
      value = memory.asSlice(at + 4, length - 4L);
      at += (length + 3) & ~3;
      return true;
    }
  }
}
