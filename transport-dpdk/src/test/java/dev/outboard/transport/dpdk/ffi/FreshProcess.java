package dev.outboard.transport.dpdk.ffi;

import dev.outboard.linux.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** What can be tried only in a process where DPDK does not run yet; started by tests. */
final class FreshProcess {
  /** What stands before the line: nothing else is to be printed. */
  static final String RESULT = "result: ";

  private FreshProcess() {}

  /** Prints the one line that says what came of it. */
  public static void main(String[] arguments) throws Exception {
    String result =
        switch (arguments[0]) {
          case "too-much-memory" -> start(new Eal.Options(true, 1 << 20, ""));
          case "bad-argument" -> start(new Eal.Options(false, 64, "--no-such-argument"));
          case "bad-value" -> start(new Eal.Options(false, 64, "-n many"));
          case "second-user" -> {
            startByHand();
            yield start(new Eal.Options(false, 64, ""));
          }
          case "other-options" ->
              start(new Eal.Options(false, 64, "")) + "; " + start(new Eal.Options(false, 128, ""));
          case "affinity" -> {
            int[] before = Threads.allowedCpus();
            String line = start(new Eal.Options(false, 64, ""));
            yield line + ", affinity kept: " + Arrays.equals(before, Threads.allowedCpus());
          }
          default -> throw new IllegalArgumentException(arguments[0]);
        };
    System.out.println(RESULT + result);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static String start(Eal.Options options) {
    try {
      Eal.start(options);
      return "started";
    } catch (DpdkException e) {
      return e.getMessage();
    }
  }

  /** As a library that uses DPDK, too. */
  private static void startByHand() throws Exception {
    EalLog.open();
    MethodHandle start = Native.bind("rte_eal_init", Native.INT, Native.INT, Native.POINTER);
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  String[] words = {"x", "--no-huge", "--no-shconf", "-m", "64", "--no-pci"};
                  Arena arena = Arena.global();
                  MemorySegment list = arena.allocate(ValueLayout.JAVA_LONG, words.length + 1);
                  for (int i = 0; i < words.length; i++) {
                    list.setAtIndex(
                        ValueLayout.JAVA_LONG, i, arena.allocateFrom(words[i]).address());
                  }
                  try {
                    int _ = (int) start.invokeExact(words.length, list.address());
                  } catch (Throwable thrown) {
                    throw Native.unexpected(thrown);
                  }
                });
    thread.join();
  }
}
