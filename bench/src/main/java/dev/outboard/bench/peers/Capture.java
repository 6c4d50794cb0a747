package dev.outboard.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Frames in a capture file (the pcap format), for the guests to send: testpmd itself makes none
 * with a UDP checksum, and computes one only where there is one.
 */
final class Capture {
  private static final int MAGIC = 0xa1b2c3d4;
  private static final int ETHERNET = 1;
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int ETHERNET_HEADER = 14;
  private static final int IP_HEADER = 20;

  private Capture() {}

  /** Writes so many UDP frames of a size; addresses and checksums are the guests' to fill in. */
  static void write(Path file, int frames, int size) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(FILE_HEADER + frames * (RECORD_HEADER + size))
            .order(ByteOrder.nativeOrder());
    bytes.putInt(MAGIC).putShort((short) 2).putShort((short) 4).putLong(0);
    bytes.putInt(0xffff).putInt(ETHERNET);
    for (int i = 0; i < frames; i++) {
      bytes.putLong(0).putInt(size).putInt(size).put(frame(size));
    }
    Files.write(file, bytes.array());
  }

  private static byte[] frame(int size) {
    ByteBuffer frame = ByteBuffer.allocate(size);
    int packet = size - ETHERNET_HEADER;
    frame.putShort(12, (short) 0x0800);
    frame.put(14, (byte) 0x45);
    frame.putShort(16, (short) packet);
    frame.put(22, (byte) 64);
    frame.put(23, (byte) 17);
    frame.putInt(26, 0x0a000001).putInt(30, 0x0a000002);
    frame.putShort(34, (short) 9).putShort(36, (short) 9);
    frame.putShort(38, (short) (packet - IP_HEADER));
    // Anything but 0, which stands for none.
    frame.putShort(40, (short) 1);
    for (int at = 42; at < size; at++) {
      frame.put(at, (byte) at);
    }
    return frame.array();
  }
}
