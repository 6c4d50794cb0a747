package dev.outboard.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * Binds libc functions and keeps each thread's {@code errno}: the base of every class in this
 * package, and private to it. Any thread may use it.
 *
 * <p>{@code errno} cannot be read by a second call, because the JVM may run code of its own in
 * between; the linker saves it into a segment that belongs to the calling thread.
 */
@SuppressWarnings("restricted")
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /** Pointers and {@code size_t} travel as longs: no segment is made for a call. */
  static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option SAVE_ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  /** The automatic arena frees the segment after its thread; keeping it alive costs no atomics. */
  private static final ThreadLocal<MemorySegment> CALL_STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private Native() {}

  /** Binds a function; its handle takes {@link #callState()} before the arguments. */
  static MethodHandle bind(String function, MemoryLayout result, MemoryLayout... arguments) {
    return bind(function, FunctionDescriptor.of(result, arguments), SAVE_ERRNO);
  }

  /**
   * Binds a function whose {@code errno} nobody asks for; its handle takes the arguments alone. A
   * handle that saves it allocates until it is compiled, and one that is called seldom, as to
   * sleep, may never be.
   */
  static MethodHandle bindPlain(String function, MemoryLayout result, MemoryLayout... arguments) {
    return bind(function, FunctionDescriptor.of(result, arguments));
  }

  /** As {@link #bind}, for {@code f(a, b, ...)} with that many arguments before the dots. */
  static MethodHandle bindVariadic(
      String function, int fixed, MemoryLayout result, MemoryLayout... arguments) {
    return bind(
        function,
        FunctionDescriptor.of(result, arguments),
        SAVE_ERRNO,
        Linker.Option.firstVariadicArg(fixed));
  }

  /** As {@link #bindPlain} and {@link #bindVariadic}. */
  static MethodHandle bindVariadicPlain(
      String function, int fixed, MemoryLayout result, MemoryLayout... arguments) {
    return bind(
        function, FunctionDescriptor.of(result, arguments), Linker.Option.firstVariadicArg(fixed));
  }

  private static MethodHandle bind(
      String function, FunctionDescriptor descriptor, Linker.Option... options) {
    MemorySegment symbol =
        LINKER
            .defaultLookup()
            .find(function)
            .orElseThrow(
                () ->
                    new UnsupportedOperationException(
                        "this C library has no " + function + "(): glibc 2.35 or later is needed"));
    return LINKER.downcallHandle(symbol, descriptor, options);
  }

  /** The calling thread's place for {@code errno}. */
  static MemorySegment callState() {
    return CALL_STATE.get();
  }

  /** The result, or the negated error number if the call failed. */
  static int check(int result, MemorySegment callState) {
    return result >= 0 ? result : -errno(callState);
  }

  /** The result, or the negated error number if the call returned -1. */
  static long check(long result, MemorySegment callState) {
    return result != -1 ? result : -errno(callState);
  }

  private static int errno(MemorySegment callState) {
    return (int) ERRNO.get(callState, 0L);
  }

  /** A method handle declares Throwable; a downcall itself throws none, but errors may pass. */
  static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException runtime) {
      return runtime;
    }
    return new IllegalStateException(thrown);
  }

  /** A NUL-terminated copy of the text. */
  static MemorySegment string(Arena arena, String text) {
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }

  /** Reads a NUL-terminated string at an address that libc returned. */
  static String stringAt(long address) {
    return MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** Gives a raw mapping bounds and a life: the arena's. */
  static MemorySegment own(long address, long length, Arena arena, Runnable atClose) {
    return MemorySegment.ofAddress(address).reinterpret(length, arena, _ -> atClose.run());
  }
}
