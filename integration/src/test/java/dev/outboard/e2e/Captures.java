package dev.outboard.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Frames in capture files, made and read again: what shows that contents arrive as they were sent.
 * Each frame's first four bytes behind its Ethernet header are its place in the file.
 */
final class Captures {
  private static final int MAGIC = 0xa1b2c3d4;
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int ETHERNET = 1;
  private static final int EXPERIMENTAL = 0x88b5;
  private static final int LENGTH_LIMIT = 65_535;

  private Captures() {}

  /** A frame of each of the sizes, from one address to the other, with random contents. */
  static List<byte[]> frames(String from, String to, List<Integer> sizes) {
    Random random = new Random(1);
    List<byte[]> frames = new ArrayList<>();
    for (int size : sizes) {
      byte[] frame = new byte[size];
      random.nextBytes(frame);
      ByteBuffer.wrap(frame)
          .put(bytes(to))
          .put(bytes(from))
          .putShort((short) EXPERIMENTAL)
          .putInt(frames.size());
      frames.add(frame);
    }
    return frames;
  }

  /** The place that a frame says it had among those it was made with. */
  static int place(byte[] frame) {
    return ByteBuffer.wrap(frame).getInt(14);
  }

  private static byte[] bytes(String mac) {
    byte[] bytes = new byte[6];
    String[] digits = mac.split(":", -1);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(digits[i], 16);
    }
    return bytes;
  }

  static void write(Path file, List<byte[]> frames) throws IOException {
    int size = FILE_HEADER + frames.stream().mapToInt(f -> RECORD_HEADER + f.length).sum();
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    out.putInt(MAGIC).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0);
    out.putInt(LENGTH_LIMIT).putInt(ETHERNET);
    for (byte[] frame : frames) {
      out.putInt(0).putInt(0).putInt(frame.length).putInt(frame.length).put(frame);
    }
    Files.write(file, out.array());
  }

  static List<byte[]> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    in.position(FILE_HEADER);
    List<byte[]> frames = new ArrayList<>();
    while (in.remaining() >= RECORD_HEADER) {
      byte[] frame = new byte[in.getInt(in.position() + 8)];
      in.position(in.position() + RECORD_HEADER);
      in.get(frame);
      frames.add(frame);
    }
    return frames;
  }
}
