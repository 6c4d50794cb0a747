package dev.outboard.packet;

import dev.outboard.spi.FrameBurst;
import java.lang.foreign.MemorySegment;

/**
 * A place in a frame that lies in fragments; it moves forward only. Scratch of one worker.
 *
 * <p>The fragments may lie in a guest's memory and change at any time: what is summed here need not
 * be what is copied later. Then the checksum is wrong and only the sender's own frame is lost.
 */
final class FrameCursor {
  private FrameBurst burst;
  private int fragment;
  private int within;

  /** Goes to the first byte of frame {@code i}. */
  void start(FrameBurst frames, int i) {
    burst = frames;
    fragment = frames.firstFragment(i);
    within = 0;
  }

  /** Goes on by so many bytes; the frame has them. */
  void skip(int bytes) {
    int left = bytes;
    while (left > 0) {
      int piece = piece(left);
      within += piece;
      left -= piece;
    }
  }

  /** The sum of the next bytes, as if they began at an even place. Goes on behind them. */
  long sum(int bytes) {
    return pass(bytes, null);
  }

  /** Adds the next bytes to the unfinished frame of a burst. Goes on behind them. */
  void add(int bytes, FrameBurst target) {
    int left = bytes;
    while (left > 0) {
      int piece = piece(left);
      target.addFragment(burst.region(fragment), burst.offset(fragment) + within, piece);
      within += piece;
      left -= piece;
    }
  }

  /** Adds the next bytes to the unfinished frame of a burst, unless it is null, and sums them. */
  long pass(int bytes, FrameBurst target) {
    long sum = 0;
    int left = bytes;
    while (left > 0) {
      int piece = piece(left);
      MemorySegment memory = burst.segment(fragment);
      long at = burst.offset(fragment) + within;
      if (target != null) {
        target.addFragment(burst.region(fragment), at, piece);
      }
      boolean odd = ((bytes - left) & 1) != 0;
      sum =
          odd
              ? Checksum.addOdd(sum, Checksum.sum(memory, at, piece, 0))
              : Checksum.sum(memory, at, piece, sum);
      within += piece;
      left -= piece;
    }
    return sum;
  }

  /** How many of the wanted bytes are in the present fragment, the next one if this is used up. */
  private int piece(int wanted) {
    while (within == burst.fragmentLength(fragment)) {
      fragment++;
      within = 0;
    }
    return Math.min(burst.fragmentLength(fragment) - within, wanted);
  }
}
