package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flows are spread by whatever tells them apart, and each always comes to the same number. */
class FlowHashTest {
  private static final int LENGTH = 128;
  private static final int FLOWS = 4096;

  private static byte[] frame(int type, int protocol) {
    byte[] frame = new byte[LENGTH];
    frame[12] = (byte) (type >>> 8);
    frame[13] = (byte) type;
    frame[14] = (byte) (type == Ethernet.IPV6 ? 0x60 : 0x45);
    frame[type == Ethernet.IPV6 ? 20 : 23] = (byte) protocol;
    return frame;
  }

  private static int hash(byte[] frame) {
    return FlowHash.of(MemorySegment.ofArray(frame), 0, frame.length);
  }

  /** Two bytes of the frame run through all values; what is next to them stays. */
  @ParameterizedTest(name = "{0}: bytes at {3}")
  @CsvSource({
    "IPv4 source high,      2048,  17, 26",
    "IPv4 source middle,    2048,  17, 27",
    "IPv4 source low,       2048,  17, 28",
    "IPv4 destination high, 2048,  17, 30",
    "IPv4 destination low,  2048,  17, 32",
    "TCP source port,       2048,   6, 34",
    "TCP destination port,  2048,   6, 36",
    "IPv6 source,           34525, 17, 22",
    "IPv6 source low,       34525, 17, 36",
    "IPv6 destination,      34525, 17, 38",
    "IPv6 destination low,  34525, 17, 52",
    "TCP port over IPv6,    34525,  6, 54",
    "MAC destination,       35000,  0, 4",
    "MAC source,            35000,  0, 10"
  })
  void spreadsEvenlyWhateverDiffers(String what, int type, int protocol, int at) {
    for (int queues : new int[] {2, 3, 4, 16}) {
      int[] counts = new int[queues];
      for (int flow = 0; flow < FLOWS; flow++) {
        byte[] frame = frame(type, protocol);
        frame[at] = (byte) (flow >>> 8);
        frame[at + 1] = (byte) flow;
        counts[Integer.remainderUnsigned(hash(frame), queues)]++;
      }
      int even = FLOWS / queues;
      for (int count : counts) {
        assertTrue(Math.abs(count - even) < even / 3, what + ": " + Arrays.toString(counts));
      }
    }
  }

  @Test
  void fragmentsOfADatagramStayTogether() {
    byte[] first = frame(Ethernet.IPV4, Ip.UDP);
    byte[] second = first.clone();
    second[21] = 100;
    second[34] = 77;
    assertEquals(hash(first), hash(second));
  }

  @Test
  void whatFollowsTheHeadersDoesNotMatter() {
    byte[] one = frame(Ethernet.IPV4, Ip.TCP);
    byte[] other = one.clone();
    other[38] = 1;
    other[LENGTH - 1] = 1;
    assertEquals(hash(one), hash(other));
    other[35] = 1;
    assertNotEquals(hash(one), hash(other));
  }
}
