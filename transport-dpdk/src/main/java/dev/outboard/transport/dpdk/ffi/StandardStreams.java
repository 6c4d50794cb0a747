package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Keeps what DPDK prints while it starts out of the daemon's output: a page of usage for a wrong
 * argument. What it says on stderr is the cause, and goes to {@link EalLog}.
 *
 * <p>Theory of operation. The C library's variables {@code stdout} and {@code stderr} lead
 * elsewhere meanwhile. Java does not use them, so what other threads print goes where it always
 * does; file descriptor 1 could not be lent without losing that. The thread that starts EAL.
 */
final class StandardStreams implements AutoCloseable {
  private final MemorySegment out = variable("stdout");
  private final MemorySegment err = variable("stderr");
  private final long outBefore = out.get(ValueLayout.JAVA_LONG, 0);
  private final long errBefore = err.get(ValueLayout.JAVA_LONG, 0);
  private final long nowhere;

  private StandardStreams(long nowhere) {
    this.nowhere = nowhere;
  }

  /** Until it is closed. {@link EalLog} is open. */
  static StandardStreams keepOut() {
    MethodHandle open = Native.bind("fopen", Native.POINTER, Native.POINTER, Native.POINTER);
    try (Arena arena = Arena.ofConfined()) {
      long nowhere =
          (long)
              open.invokeExact(
                  arena.allocateFrom("/dev/null").address(), arena.allocateFrom("we").address());
      StandardStreams streams = new StandardStreams(nowhere);
      streams.set(nowhere == 0 ? streams.outBefore : nowhere, EalLog.stream());
      return streams;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private void set(long toOut, long toErr) {
    out.set(ValueLayout.JAVA_LONG, 0, toOut);
    err.set(ValueLayout.JAVA_LONG, 0, toErr);
  }

  @Override
  public void close() {
    set(outBefore, errBefore);
    try {
      int _ = (int) Native.bind("fflush", Native.INT, Native.POINTER).invokeExact(EalLog.stream());
      if (nowhere != 0) {
        int _ = (int) Native.bind("fclose", Native.INT, Native.POINTER).invokeExact(nowhere);
      }
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  @SuppressWarnings("restricted")
  private static MemorySegment variable(String name) {
    return Libraries.symbol(name).reinterpret(Long.BYTES);
  }
}
