package dev.outboard.transport.tuntap;

import dev.outboard.linux.Io;
import dev.outboard.linux.Tap;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.ReceiveSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Native memory that a worker's ports share, for one call at a time: the virtio-net header to be
 * sent, and the arrays of iovecs that system calls take. Used by that worker alone; hot.
 */
final class Scratch {
  /** As many iovecs as the kernel takes in one call. */
  static final int MOST_IOVECS = 1024;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
  private static final int CHECKSUM_OFFSET = 8;
  private static final int BUFFERS = 10;
  private static final int SINK_BYTES = 64;

  private final MemorySegment header;
  private final MemorySegment sink;
  private final MemorySegment send;
  private final long sendAddress;

  /** Grows to what the worker's receive spaces need; in a steady state it stays. */
  private MemorySegment receive;

  private long receiveAddress;

  Scratch() {
    Arena arena = Arena.ofAuto();
    header = arena.allocate(Tap.HEADER_SIZE, Long.BYTES);
    sink = arena.allocate(SINK_BYTES, Long.BYTES);
    send = arena.allocate((long) MOST_IOVECS * Io.IOVEC_SIZE, Long.BYTES);
    sendAddress = send.address();
    set(send, 0, header.address(), Tap.HEADER_SIZE);
    growReceive(MOST_IOVECS);
  }

  private void growReceive(int iovecs) {
    receive = Arena.ofAuto().allocate((long) iovecs * Io.IOVEC_SIZE, Long.BYTES);
    receiveAddress = receive.address();
  }

  /**
   * Prepares a frame for {@link #sendAddress}: its header, then its fragments.
   *
   * @param headerSize 10 or 12, as the TAP is set
   * @return how many iovecs there are, or -1 if they are too many
   */
  int prepareSend(FrameBurst frames, int i, int headerSize) {
    int first = frames.firstFragment(i);
    int count = frames.firstFragment(i + 1) - first;
    if (count >= MOST_IOVECS) {
      return -1;
    }
    // The header is native-endian for a TAP; so is this, on every machine we run on.
    header.set(LONG, 0, frames.offload(i));
    header.set(SHORT, CHECKSUM_OFFSET, (short) frames.checksumOffset(i));
    header.set(SHORT, BUFFERS, (short) 0);
    send.set(LONG, Long.BYTES, headerSize);
    for (int n = 0; n < count; n++) {
      set(send, n + 1, frames.address(first + n), frames.fragmentLength(first + n));
    }
    return count + 1;
  }

  long sendAddress() {
    return sendAddress;
  }

  /** Makes sure of room for each fragment of the space, and the sink behind them. */
  void reserveReceive(ReceiveSpace space) {
    int needed = space.fragmentCount() + 1;
    if ((long) needed * Io.IOVEC_SIZE > receive.byteSize()) {
      growReceive(needed * 2);
    }
  }

  /** Puts a fragment of the space into this slot. */
  void setReceive(int slot, ReceiveSpace space, int fragment) {
    set(receive, slot, space.address(fragment), space.fragmentLength(fragment));
  }

  /**
   * Puts into this slot a place for what doesn't fit: that it is written to tells of a big frame.
   */
  void setSink(int slot) {
    set(receive, slot, sink.address(), SINK_BYTES);
  }

  long receiveAddress(int slot) {
    return receiveAddress + (long) slot * Io.IOVEC_SIZE;
  }

  private static void set(MemorySegment iovecs, int slot, long address, long length) {
    long at = (long) slot * Io.IOVEC_SIZE;
    iovecs.set(LONG, at, address);
    iovecs.set(LONG, at + Long.BYTES, length);
  }
}
