package dev.outboard.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Memory that two guests of a load share besides their network: how far one has received, and when
 * to stop. Written and read by both, each word by one side.
 */
final class Meter implements StopSign {
  static final long BYTES = 4096;

  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
  private static final long ARRIVED = 0;

  /** On a line of its own. */
  private static final long STOPPED = 256;

  private final MemorySegment memory;

  Meter(MemorySegment memory) {
    this.memory = memory;
  }

  void reset() {
    WORD.setRelease(memory, STOPPED, 0L);
    WORD.setRelease(memory, ARRIVED, 0L);
  }

  long arrived() {
    return (long) WORD.getAcquire(memory, ARRIVED);
  }

  void arrived(long position) {
    WORD.setRelease(memory, ARRIVED, position);
  }

  @Override
  public boolean isStopped() {
    return (long) WORD.getAcquire(memory, STOPPED) != 0;
  }

  void stop() {
    WORD.setRelease(memory, STOPPED, 1L);
  }
}
