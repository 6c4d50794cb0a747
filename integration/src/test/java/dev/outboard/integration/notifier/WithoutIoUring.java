package dev.outboard.integration.notifier;

import dev.outboard.integration.cli.Main;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@code outboard} as it is inside most containers: a seccomp filter refuses io_uring, to all
 * threads and for good. Started by {@link IoUringRefusedTest} in a process of its own.
 */
final class WithoutIoUring {
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final long SYS_SECCOMP = 317;
  private static final long SYS_IO_URING_SETUP = 425;
  private static final long SET_MODE_FILTER = 1;
  private static final long ALL_THREADS = 1;

  /** Instructions of a classic BPF program: load the call's number, compare, return. */
  private static final long LOAD_NUMBER = instruction(0x20, 0, 0, 0);

  private static final long IS_SETUP = instruction(0x15, 0, 1, SYS_IO_URING_SETUP);
  private static final long FAIL_WITH_EPERM = instruction(0x06, 0, 0, 0x0005_0001);
  private static final long ALLOW = instruction(0x06, 0, 0, 0x7fff_0000);

  private WithoutIoUring() {}

  /** Installs the filter and runs the command. */
  @SuppressWarnings("restricted") // Only the seccomp filter of this test needs native calls here.
  public static void main(String[] args) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle prctl =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("prctl"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    MethodHandle syscall =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(1));
    try (Arena arena = Arena.ofConfined()) {
      long[] program = {LOAD_NUMBER, IS_SETUP, FAIL_WITH_EPERM, ALLOW};
      MemorySegment filter = arena.allocateFrom(ValueLayout.JAVA_LONG, program);
      MemorySegment header = arena.allocate(16, 8);
      header.set(ValueLayout.JAVA_SHORT, 0, (short) program.length);
      header.set(ValueLayout.ADDRESS, 8, filter);
      int noNew = (int) prctl.invokeExact(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
      long filtered = (long) syscall.invokeExact(SYS_SECCOMP, SET_MODE_FILTER, ALL_THREADS, header);
      if (noNew != 0 || filtered != 0) {
        throw new IllegalStateException("no seccomp filter: " + noNew + ", " + filtered);
      }
    }
    Main.main(args);
  }

  /** {@code struct sock_filter}: code, jumps if true and if false, operand. */
  private static long instruction(int code, int ifTrue, int ifFalse, long operand) {
    return operand << 32 | (long) ifFalse << 24 | (long) ifTrue << 16 | code;
  }
}
