package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.VirtioNet;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * The frames of one guest of a soak, to and from all others. Each tells who sent it, its number
 * within that flow and its length, and is filled with bytes that follow from these. One thread.
 */
final class SoakFrames {
  private static final int SHORTEST = 60;
  private static final int LONGEST = 1514;
  private static final int TYPE_AT = VirtioNet.HEADER_SIZE + 12;
  private static final int FROM_AT = TYPE_AT + 2;
  private static final int LENGTH_AT = FROM_AT + 4;
  private static final int NUMBER_AT = LENGTH_AT + 4;
  private static final int FILL_AT = NUMBER_AT + 8;

  private final int own;
  private final long[] sentTo;
  private final long[] nextFrom;
  private long received;

  SoakFrames(int own, int guests) {
    this.own = own;
    sentTo = new long[guests];
    nextFrom = new long[guests];
  }

  int number() {
    return own;
  }

  /** A frame of random length with an empty virtio-net header in front. */
  byte[] next(int to, Random random) {
    int length = SHORTEST + random.nextInt(LONGEST - SHORTEST + 1);
    ByteBuffer frame = ByteBuffer.allocate(VirtioNet.HEADER_SIZE + length);
    frame.position(VirtioNet.HEADER_SIZE);
    putMac(frame, TestHost.endpoint(to).mac());
    putMac(frame, TestHost.endpoint(own).mac());
    frame.putShort((short) Frames.TYPE_TEST).putInt(own).putInt(length).putLong(sentTo[to]);
    fill(frame.array(), own, sentTo[to]);
    sentTo[to]++;
    return frame.array();
  }

  private static void putMac(ByteBuffer out, long mac) {
    out.putShort((short) (mac >>> 32)).putInt((int) mac);
  }

  /** The last frame for that guest was not sent after all. */
  void takeBack(int to) {
    sentTo[to]--;
  }

  /** A frame that has come in, its virtio-net header in front. */
  void check(byte[] bytes) {
    ByteBuffer frame = ByteBuffer.wrap(bytes);
    assertEquals(Frames.TYPE_TEST, frame.getShort(TYPE_AT) & 0xffff);
    int from = frame.getInt(FROM_AT);
    long number = frame.getLong(NUMBER_AT);
    assertEquals(bytes.length - VirtioNet.HEADER_SIZE, frame.getInt(LENGTH_AT));
    assertTrue(number >= nextFrom[from], () -> "frame " + number + " from " + from + " is late");
    byte[] expected = bytes.clone();
    fill(expected, from, number);
    assertEquals(-1, Arrays.mismatch(expected, bytes), () -> "frame " + number + " from " + from);
    nextFrom[from] = number + 1;
    received++;
  }

  private static void fill(byte[] bytes, int from, long number) {
    long state = (from + 1) * 0x9E3779B97F4A7C15L ^ number * 0xD1B54A32D192ED03L;
    for (int i = FILL_AT; i < bytes.length; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      bytes[i] = (byte) (state >>> 56);
    }
  }

  long sent() {
    long sum = 0;
    for (long sent : sentTo) {
      sum += sent;
    }
    return sum;
  }

  long received() {
    return received;
  }
}
