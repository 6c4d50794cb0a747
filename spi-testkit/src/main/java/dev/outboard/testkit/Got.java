package dev.outboard.testkit;

import dev.outboard.spi.FrameBurst;
import java.util.List;

/**
 * A frame that was received, copied.
 *
 * @param offload as {@link dev.outboard.spi.FrameBurst#offload}
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record Got(byte[] bytes, int network, int nextHop, long offload, int checksumOffset) {
  /** Checks that the offload fields say nothing that has no name, and lie within the frame. */
  void checkFields() {
    if (offload == 0 && checksumOffset == 0) {
      return;
    }
    int start = (int) (offload >>> 48) & 0xffff;
    int segmentSize = (int) (offload >>> 32) & 0xffff;
    int headerLength = (int) (offload >>> 16) & 0xffff;
    boolean isKind =
        switch ((int) (offload >>> 8) & 0xff) {
          case FrameBurst.GSO_NONE -> true;
          case FrameBurst.GSO_TCPV4, FrameBurst.GSO_TCPV6, FrameBurst.GSO_UDP_L4 ->
              segmentSize > 0 && headerLength <= bytes.length;
          default -> false;
        };
    Check.that(
        (offload & 0xff) == FrameBurst.NEEDS_CHECKSUM
            && isKind
            && start >= Frames.HEADER
            && checksumOffset >= 0
            && start + checksumOffset + Short.BYTES <= bytes.length,
        () ->
            "a frame of %d bytes has the offload fields %x, checksum offset %d"
                .formatted(bytes.length, offload, checksumOffset));
  }

  /** Checks that these are the frames that were sent, in order. */
  static void check(List<Sent> sent, List<Got> got, String counts) {
    for (int i = 0; i < Math.min(sent.size(), got.size()); i++) {
      String difference = Frames.difference(sent.get(i).bytes(), got.get(i).bytes());
      Check.that(difference == null, () -> difference);
    }
    Check.that(
        sent.size() == got.size(),
        () -> "%d of %d frames arrived; %s".formatted(got.size(), sent.size(), counts));
  }
}
