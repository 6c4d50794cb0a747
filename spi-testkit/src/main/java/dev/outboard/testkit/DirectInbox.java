package dev.outboard.testkit;

import dev.outboard.spi.FramePort;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A guest's receive buffers, which the port fills. The rules may give them any shape. */
final class DirectInbox implements Inbox {
  /** What buffers hold before the port writes into them. */
  static final byte EMPTY = (byte) 0xa5;

  static final int LONG_HEADER = 12;
  static final int SHORT_HEADER = 10;

  /** What the largest super-frame has, without the virtio-net header. */
  static final int LARGEST_SUPER_FRAME = 65_549;

  private static final int MOST_BUFFERS = 256;
  private static final int MOST_FRAGMENTS = 4096;

  final GuestPort port;
  private final RegionTable regions;
  private final MemorySegment memory = Memory.take();
  private final int region;
  final ReceiveSpace space;

  boolean mergeable = true;
  int headerLength = LONG_HEADER;
  int bufferBytes = 2048;
  int fragmentBytes = 2048;
  int buffers = 64;
  int largestFrame;

  DirectInbox(FramePort port, RegionTable regions, int mtu) {
    this.port = (GuestPort) port;
    this.regions = regions;
    region = regions.add(memory);
    space = new ReceiveSpace(regions, Memory.SLOTS, MOST_BUFFERS, MOST_FRAGMENTS);
    largestFrame = Frames.HEADER + mtu;
  }

  /** Offers fresh buffers. */
  void offer() {
    long bytes = (long) buffers * bufferBytes;
    memory.asSlice(0, bytes).fill(EMPTY);
    space.clear(mergeable, headerLength, headerLength + largestFrame);
    for (int buffer = 0; buffer < buffers; buffer++) {
      long at = (long) buffer * bufferBytes;
      for (int from = 0; from < bufferBytes; from += fragmentBytes) {
        space.addFragment(region, at + from, Math.min(fragmentBytes, bufferBytes - from));
      }
      space.endBuffer();
    }
  }

  @Override
  public int receive(int limit) {
    offer();
    return port.receive(space, limit);
  }

  /** The bytes that were recorded of a frame, its virtio-net header included. */
  byte[] recorded(int i) {
    byte[] bytes = new byte[space.frameWritten(i)];
    int first = space.frameFirstBuffer(i);
    int last = space.firstFragment(first + space.frameBuffers(i));
    int at = 0;
    for (int f = space.firstFragment(first); f < last && at < bytes.length; f++) {
      int length = Math.min(space.fragmentLength(f), bytes.length - at);
      MemorySegment.copy(
          space.segment(f), ValueLayout.JAVA_BYTE, space.offset(f), bytes, at, length);
      at += length;
    }
    int filled = at;
    Check.that(
        filled == bytes.length,
        () -> "a frame of %d bytes was recorded in buffers of %d".formatted(bytes.length, filled));
    return bytes;
  }

  @Override
  public Got got(int i) {
    byte[] recorded = recorded(i);
    ByteBuffer header = ByteBuffer.wrap(recorded).order(ByteOrder.LITTLE_ENDIAN);
    byte[] bytes = new byte[recorded.length - headerLength];
    System.arraycopy(recorded, headerLength, bytes, 0, bytes.length);
    return new Got(bytes, 0, 0, header.getLong(0), header.getShort(Long.BYTES) & 0xffff);
  }

  /** Which byte of the buffers that no frame lies in has been written to, or -1. */
  long strayByte() {
    int frames = space.frameCount();
    long taken = 0;
    for (int i = 0; i < frames; i++) {
      long start = (long) space.frameFirstBuffer(i) * bufferBytes;
      long end = start + (long) space.frameBuffers(i) * bufferBytes;
      long stray = stray(start + space.frameWritten(i), end);
      if (stray >= 0) {
        return stray;
      }
      taken = end;
    }
    return stray(taken, (long) buffers * bufferBytes);
  }

  private long stray(long from, long to) {
    for (long at = from; at < to; at++) {
      if (memory.get(ValueLayout.JAVA_BYTE, at) != EMPTY) {
        return at;
      }
    }
    return -1;
  }

  @Override
  public void release() {}

  @Override
  public boolean arm() {
    return true;
  }

  @Override
  public void close() {
    regions.remove(region);
    Memory.give(memory);
  }
}
