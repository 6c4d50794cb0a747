package dev.outboard.transport.iouring;

import dev.outboard.packet.Checksum;
import dev.outboard.packet.Ethernet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** An ICMP echo in an Ethernet frame, filled to its last byte. */
final class EchoFrame {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int IP = Ethernet.HEADER;
  private static final int IP_HEADER = 20;
  private static final int ICMP = IP + IP_HEADER;
  private static final int ICMP_HEADER = 8;
  private static final int PROTOCOL = 1;
  private static final int FRAGMENT_OFFSET = 0x1fff;
  private static final int MORE_FRAGMENTS = 0x2000;
  private static final int REQUEST = 8;
  private static final int ANSWER = 0;

  /** The shortest payload of the Ethernet frame that has both headers. */
  static final int SHORTEST = IP_HEADER + ICMP_HEADER;

  private EchoFrame() {}

  /** Makes the whole segment an echo request. */
  static void request(
      MemorySegment frame, long toMac, long fromMac, int from, int to, int sequence) {
    int length = (int) frame.byteSize();
    Ethernet.write(frame, 0, toMac, fromMac, Ethernet.IPV4);
    frame.set(SHORT, IP, (short) 0x4500);
    frame.set(SHORT, IP + 2, (short) (length - IP));
    frame.set(INT, IP + 4, 0);
    frame.set(SHORT, IP + 8, (short) (64 << 8 | PROTOCOL));
    frame.set(SHORT, IP + 10, (short) 0);
    frame.set(INT, IP + 12, from);
    frame.set(INT, IP + 16, to);
    frame.set(SHORT, IP + 10, (short) Checksum.finish(Checksum.sum(frame, IP, IP_HEADER, 0)));
    frame.set(SHORT, ICMP, (short) (REQUEST << 8));
    frame.set(SHORT, ICMP + 2, (short) 0);
    frame.set(SHORT, ICMP + 4, (short) 77);
    frame.set(SHORT, ICMP + 6, (short) sequence);
    frame.set(
        SHORT, ICMP + 2, (short) Checksum.finish(Checksum.sum(frame, ICMP, length - ICMP, 0)));
  }

  /** Whether it is an echo's answer, and not what a kernel sends of itself. */
  static boolean isAnswer(MemorySegment frame) {
    return frame.byteSize() >= ICMP + ICMP_HEADER
        && (Ethernet.sourceAndType(frame, 0) & 0xffff) == Ethernet.IPV4
        && frame.get(ValueLayout.JAVA_BYTE, IP + 9) == PROTOCOL
        && (frame.get(SHORT, IP + 6) & FRAGMENT_OFFSET) == 0
        && frame.get(ValueLayout.JAVA_BYTE, ICMP) == ANSWER;
  }

  /** Whether there is more of the packet in other frames. */
  static boolean isFirstFragment(MemorySegment frame) {
    return (frame.get(SHORT, IP + 6) & MORE_FRAGMENTS) != 0;
  }

  static int sequence(MemorySegment frame) {
    return frame.get(SHORT, ICMP + 6) & 0xffff;
  }

  /** Whether both checksums are right. */
  static boolean isWhole(MemorySegment frame) {
    int length = (int) frame.byteSize();
    return Checksum.finish(Checksum.sum(frame, IP, IP_HEADER, 0)) == 0
        && Checksum.finish(Checksum.sum(frame, ICMP, length - ICMP, 0)) == 0;
  }
}
