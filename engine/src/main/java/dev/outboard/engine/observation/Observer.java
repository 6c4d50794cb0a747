package dev.outboard.engine.observation;

import dev.outboard.packet.TcpHeader;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.ReceiveSpace;
import java.lang.foreign.MemorySegment;

/**
 * Looks at frames of guests that are observed, and tells {@link GuestTraffic} what it sees. One per
 * worker, used by its thread; frames of others don't come here.
 */
public final class Observer {
  /** Headers that go on beyond are not looked at. */
  private static final int MOST_HEADERS = 128;

  private final TcpHeader header = new TcpHeader();
  private final MemorySegment memory;
  private final long at;

  /**
   * An observer with a place for headers.
   *
   * @param memory private memory
   * @param at where in it there are 128 bytes that nobody else uses
   */
  public Observer(MemorySegment memory, long at) {
    this.memory = memory;
    this.at = at;
  }

  /**
   * Frames have left a guest. Their first fragments are private.
   *
   * @param pair the queue pair that they left by
   * @param frames so many of the burst's first ones
   * @param time when they were taken from the guest
   */
  public void sent(GuestTraffic traffic, int pair, FrameBurst burst, int frames, long time) {
    for (int i = 0; i < frames; i++) {
      if (read(burst, i)) {
        boolean single = burst.segmentation(i) == FrameBurst.GSO_NONE;
        traffic.sent(pair, header, single ? 0 : burst.segmentSize(i), time);
      }
    }
  }

  /** A frame, or the first segment of one, is in its receiver's ring. The headers are private. */
  public void received(GuestTraffic traffic, FrameBurst burst, int i) {
    if (read(burst, i)) {
      traffic.received(header);
    }
  }

  private boolean read(FrameBurst burst, int i) {
    int first = burst.firstFragment(i);
    return header.read(
        burst.segment(first),
        burst.offset(first),
        burst.fragmentLength(first),
        burst.length(i),
        burst.segmentation(i) != FrameBurst.GSO_NONE);
  }

  /** A port has put frames into a guest's buffers, where the guest may write to them any time. */
  public void received(GuestTraffic traffic, ReceiveSpace space) {
    for (int i = 0; i < space.frameCount(); i++) {
      int length = space.frameWritten(i) - space.headerLength();
      int available = takePrivate(space, i, Math.min(length, MOST_HEADERS));
      if (header.read(memory, at, available, length, true)) {
        traffic.received(header);
      }
    }
  }

  /** Copies a frame's first bytes, in one read; returns how many. */
  private int takePrivate(ReceiveSpace space, int i, int wanted) {
    int end = space.firstFragment(space.frameFirstBuffer(i) + space.frameBuffers(i));
    int skip = space.headerLength();
    int taken = 0;
    for (int f = space.firstFragment(space.frameFirstBuffer(i)); f < end && taken < wanted; f++) {
      int skipped = Math.min(skip, space.fragmentLength(f));
      int bytes = Math.min(space.fragmentLength(f) - skipped, wanted - taken);
      MemorySegment.copy(space.segment(f), space.offset(f) + skipped, memory, at + taken, bytes);
      skip -= skipped;
      taken += bytes;
    }
    return taken;
  }
}
