package dev.outboard.bench.parts;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Copies between native memory, as frames are: of headers, 76 bytes for the smallest frame and 140
 * for all others, and of whole frames.
 */
@State(Scope.Thread)
public class CopyParts extends Parts {
  private static final int PLACES = 32;
  private static final int STRIDE = 9216;

  /** Bytes of a copy. */
  @Param({"64", "76", "140", "256", "1518", "9000"})
  public int bytes;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment from = arena.allocate((long) PLACES * STRIDE, 64);
  private final MemorySegment to = arena.allocate((long) PLACES * STRIDE, 64);
  private int place;

  /** For JMH. */
  public CopyParts() {}

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    arena.close();
  }

  /** From one of 32 places to another. */
  @Benchmark
  public void copy() {
    place = (place + 1) & (PLACES - 1);
    long at = (long) place * STRIDE;
    MemorySegment.copy(from, at, to, at, bytes);
  }
}
