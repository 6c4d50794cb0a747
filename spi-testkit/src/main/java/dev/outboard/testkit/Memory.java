package dev.outboard.testkit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What stands for guests' memory. It is used again and never unmapped, so a transport that reads
 * what is no longer its own finds wrong bytes, and does not end the process.
 */
final class Memory {
  static final int SLOTS = 64;
  static final int PAGE = 4096;

  /** A super-frame, and something behind it. */
  static final int SLOT = 66_048;

  private static final ConcurrentLinkedQueue<MemorySegment> FREE = new ConcurrentLinkedQueue<>();

  private Memory() {}

  static MemorySegment take() {
    MemorySegment free = FREE.poll();
    return free != null ? free : Arena.global().allocate((long) SLOTS * SLOT, PAGE);
  }

  static void give(MemorySegment memory) {
    FREE.add(memory);
  }
}
