package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * Lowers the maximum segment size that a TCP SYN announces (RFC 9293, section 3.7.1) to what fits
 * an MTU, for a host that does not know the MTU of its network. Scratch of one worker.
 */
public final class MssClamp {
  private static final int TCP_HEADER = 20;
  private static final int SYN = 2;
  private static final int END_OF_OPTIONS = 0;
  private static final int NO_OPERATION = 1;
  private static final int MAXIMUM_SEGMENT_SIZE = 2;
  private static final int CHECKSUM = 16;

  private final TransportPlace place = new TransportPlace();

  /**
   * Rewrites the option if the frame is a SYN that announces too much.
   *
   * @param memory private memory: it is read more than once
   * @param at where the Ethernet header starts
   * @param available how many bytes of the frame are there
   * @param mtu of the network
   * @param partial the checksum is still to be filled in, so it need not be kept right
   */
  public void clamp(MemorySegment memory, long at, int available, int mtu, boolean partial) {
    if (!place.find(memory, at, available)
        || place.protocol() != Ip.TCP
        || place.isFragment()
        || place.start() + TCP_HEADER > available) {
      return;
    }
    long tcp = at + place.start();
    if ((Bytes.u8(memory, tcp + 13) & SYN) == 0) {
      return;
    }
    int fits = mtu - (place.start() - Ethernet.HEADER) - TCP_HEADER;
    long end = tcp + Math.min((Bytes.u8(memory, tcp + 12) >>> 4) * 4, available - place.start());
    long option = find(memory, tcp + TCP_HEADER, end);
    if (option < 0 || Bytes.u16(memory, option + 2) <= fits) {
      return;
    }
    if (!partial) {
      keepChecksum(memory, tcp, option + 2, Bytes.u16(memory, option + 2), fits);
    }
    Bytes.put16(memory, option + 2, fits);
  }

  /** Where the option begins, or -1. */
  private static long find(MemorySegment memory, long from, long end) {
    long option = from;
    while (option < end) {
      int kind = Bytes.u8(memory, option);
      if (kind == END_OF_OPTIONS) {
        return -1;
      }
      if (kind == NO_OPERATION) {
        option++;
        continue;
      }
      if (option + 1 >= end) {
        return -1;
      }
      int length = Bytes.u8(memory, option + 1);
      if (kind == MAXIMUM_SEGMENT_SIZE) {
        return length == 4 && option + 4 <= end ? option : -1;
      }
      if (length < 2) {
        return -1;
      }
      option += length;
    }
    return -1;
  }

  /** RFC 1624; a value at an odd place of the segment counts with its bytes swapped. */
  private static void keepChecksum(MemorySegment memory, long tcp, long at, int old, int fresh) {
    boolean odd = (at - tcp & 1) != 0;
    int before = odd ? Integer.reverseBytes(old) >>> 16 : old;
    int after = odd ? Integer.reverseBytes(fresh) >>> 16 : fresh;
    long sum = (long) (~Bytes.u16(memory, tcp + CHECKSUM) & 0xffff) + (~before & 0xffff) + after;
    Bytes.put16(memory, tcp + CHECKSUM, Checksum.finish(sum));
  }
}
