package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Binds DPDK's functions. Calls are plain ones, never {@code critical}: a driver may be long in the
 * kernel, and the rest of the JVM must be able to come to a safepoint meanwhile. Any thread.
 */
@SuppressWarnings("restricted")
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** {@code uint16_t}. */
  static final ValueLayout.OfChar SHORT = ValueLayout.JAVA_CHAR;

  /** Pointers and {@code size_t} travel as longs: no segment is made for a call. */
  static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;

  private static final Linker LINKER = Linker.nativeLinker();

  private Native() {}

  static MethodHandle bind(String function, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        Libraries.symbol(function), FunctionDescriptor.of(result, arguments));
  }

  static MethodHandle bindVoid(String function, MemoryLayout... arguments) {
    return LINKER.downcallHandle(Libraries.symbol(function), FunctionDescriptor.ofVoid(arguments));
  }

  /** As {@link #bind}, of a library that not everyone has. */
  static MethodHandle bind(
      SymbolLookup library, String function, MemoryLayout result, MemoryLayout... arguments) {
    MemorySegment symbol =
        library
            .find(function)
            .orElseThrow(() -> new UnsupportedOperationException("this DPDK has no " + function));
    return LINKER.downcallHandle(symbol, FunctionDescriptor.of(result, arguments));
  }

  /** A function that is called by its address, which is the handle's first argument. */
  static MethodHandle pointer(MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(FunctionDescriptor.of(result, arguments));
  }

  /**
   * Lets DPDK call Java back: for the time of a call, on the calling thread.
   *
   * @param result of the function, or null
   */
  static MemorySegment callBack(
      MethodHandle target, Arena arena, MemoryLayout result, MemoryLayout... arguments) {
    FunctionDescriptor descriptor =
        result == null
            ? FunctionDescriptor.ofVoid(arguments)
            : FunctionDescriptor.of(result, arguments);
    return LINKER.upcallStub(target, descriptor, arena);
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

  /** So much memory from an address that DPDK gave. */
  static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** A text that DPDK gave. */
  static String textAt(long address) {
    return address == 0 ? "" : at(address, Long.MAX_VALUE - address).getString(0);
  }
}
