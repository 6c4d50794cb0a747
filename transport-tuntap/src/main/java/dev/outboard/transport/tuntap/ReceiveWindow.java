package dev.outboard.transport.tuntap;

import dev.outboard.spi.ReceiveSpace;

/**
 * Where the next frame may be read to: a run of iovecs over the guest's empty buffers. The port's
 * worker alone; hot, allocates nothing.
 *
 * <p>How large a frame is turns out only when it has been read, so the window is as large as the
 * largest frame. With mergeable buffers it slides over one array, in which each fragment gets its
 * iovec once; else it is one buffer. A sink at its end tells of frames that are larger still.
 */
final class ReceiveWindow {
  private ReceiveSpace space;
  private Scratch scratch;
  private int fragments;

  /** The window is [start, end) of the array; its size in bytes is without the sink's. */
  private int start;

  private int end;
  private int bytes;
  private boolean withSink;

  void open(ReceiveSpace receiveSpace, Scratch workerScratch) {
    space = receiveSpace;
    scratch = workerScratch;
    fragments = space.fragmentCount();
    start = space.firstFragment(space.nextBuffer());
    end = start;
    bytes = 0;
    scratch.reserveReceive(space);
  }

  /** Places the window at the next buffer; false if there is no room for a frame. */
  boolean place() {
    return space.mergeable() ? placeOverMany() : placeOverOne();
  }

  private boolean placeOverMany() {
    int largest = space.largestFrame();
    while (bytes <= largest && end < fragments && end - start < Scratch.MOST_IOVECS - 1) {
      scratch.setReceive(end, space, end);
      bytes += space.fragmentLength(end);
      end++;
    }
    withSink = bytes == largest;
    if (withSink) {
      scratch.setSink(end);
    }
    return bytes >= largest;
  }

  private boolean placeOverOne() {
    int buffer = space.nextBuffer();
    if (buffer == space.bufferCount()) {
      return false;
    }
    start = 0;
    end = 0;
    bytes = 0;
    int last = space.firstFragment(buffer + 1);
    for (int f = space.firstFragment(buffer); f < last && end < Scratch.MOST_IOVECS - 1; f++) {
      scratch.setReceive(end++, space, f);
      bytes += space.fragmentLength(f);
    }
    withSink = true;
    scratch.setSink(end);
    return true;
  }

  long address() {
    return scratch.receiveAddress(start);
  }

  int iovecs() {
    return end - start + (withSink ? 1 : 0);
  }

  /** Records the frame of this size that was read there; false if it was too large to be kept. */
  boolean record(int size) {
    if (size > bytes || size > space.largestFrame()) {
      return false;
    }
    if (!space.mergeable()) {
      space.addFrame(1, size);
      return true;
    }
    int first = space.nextBuffer();
    int buffer = first;
    int covered = 0;
    while (covered < size) {
      int last = space.firstFragment(buffer + 1);
      for (; start < last; start++) {
        covered += space.fragmentLength(start);
      }
      buffer++;
    }
    // The last buffer may reach beyond the window.
    end = Math.max(end, start);
    bytes = Math.max(0, bytes - covered);
    space.addFrame(buffer - first, size);
    return true;
  }
}
