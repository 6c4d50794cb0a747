package dev.outboard.transport.dpdk.ffi;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * DPDK's environment (EAL), started once for the life of the process: a second start is impossible,
 * and so is an end. Any thread.
 *
 * <p>Theory of operation. Starting binds the calling thread to processors, so a thread of its own
 * does it, which ends then; workers are registered one by one ({@link Lcores}). No device is looked
 * for at the start: the list of devices that it may take names one that is none, and uplinks add
 * theirs later.
 */
@SuppressWarnings("restricted")
public final class Eal {
  /**
   * How EAL is started; the same for all uplinks of a process.
   *
   * @param hugePages whether its memory is in huge pages
   * @param megabytes of memory
   * @param more arguments as DPDK's guide has them, separated by spaces
   */
  public record Options(boolean hugePages, int megabytes, String more) {
    private List<String> arguments() throws LinuxException {
      String cpus =
          Arrays.stream(Threads.allowedCpus())
              .mapToObj(String::valueOf)
              .collect(Collectors.joining(","));
      List<String> all = new ArrayList<>(List.of("outboard"));
      all.addAll(hugePages ? List.of("--in-memory") : List.of("--no-huge", "--no-shconf"));
      all.addAll(List.of("-m", String.valueOf(megabytes), "--no-telemetry"));
      all.addAll(List.of("--lcores", "0@(" + cpus + ")", "-a", "0000:00:00.0"));
      all.addAll(Arrays.stream(more.split(" ", -1)).filter(word -> !word.isEmpty()).toList());
      return all;
    }

    @Override
    public String toString() {
      return "huge-pages: %s, memory: %d, eal-arguments: '%s'"
          .formatted(hugePages, megabytes, more);
    }
  }

  /** Held while devices come and go. */
  static final Object LOCK = new Object();

  /** EALREADY. */
  private static final int RUNS_ALREADY = 114;

  private static Options running;
  private static String failure;

  private Eal() {}

  /**
   * Starts it, unless it runs.
   *
   * @throws DpdkException also if it runs with other options, or has failed before
   */
  public static void start(Options options) throws DpdkException {
    synchronized (LOCK) {
      startOnce(options);
    }
  }

  private static void startOnce(Options options) throws DpdkException {
    if (failure != null) {
      throw new DpdkException(
          "DPDK could not be started before and can't be tried again in this process: " + failure);
    }
    if (running == null) {
      try {
        initialize(options);
        LayoutCheck.check();
      } catch (DpdkException e) {
        failure = e.getMessage();
        throw e;
      }
      running = options;
    } else if (!running.equals(options)) {
      throw new DpdkException(
          "DPDK runs once for a process, with %s; another uplink has started it so, this one wants %s"
              .formatted(running, options));
    }
  }

  private static void initialize(Options options) throws DpdkException {
    EalLog.open();
    List<String> arguments;
    try {
      arguments = options.arguments();
    } catch (LinuxException e) {
      throw new DpdkException(e.getMessage());
    }
    int[] result = new int[2];
    Thread thread = Thread.ofPlatform().name("dpdk-start").start(() -> run(arguments, result));
    Threads.joinUninterruptibly(thread);
    if (result[0] < 0 && result[1] == RUNS_ALREADY) {
      throw new DpdkException(
          "something else in this process has started DPDK, which can be started once only");
    }
    if (result[0] < 0) {
      throw new DpdkException("can't start DPDK with " + options, -result[1], EalLog.end());
    }
  }

  private static void run(List<String> arguments, int[] result) {
    // DPDK keeps what it is given.
    Arena arena = Arena.global();
    MemorySegment pointers = arena.allocate(ValueLayout.JAVA_LONG, arguments.size() + 1);
    for (int i = 0; i < arguments.size(); i++) {
      MemorySegment text = arena.allocateFrom(arguments.get(i), StandardCharsets.UTF_8);
      pointers.setAtIndex(ValueLayout.JAVA_LONG, i, text.address());
    }
    MethodHandle start = Native.bind("rte_eal_init", Native.INT, Native.INT, Native.POINTER);
    EalLog.begin();
    try (StandardStreams _ = StandardStreams.keepOut()) {
      result[0] = (int) start.invokeExact(arguments.size(), pointers.address());
      result[1] = errno();
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** What DPDK's last call of this thread has left in {@code rte_errno}, which each thread has. */
  static int errno() {
    return Libraries.symbol("per_lcore__rte_errno")
        .reinterpret(Integer.BYTES)
        .get(ValueLayout.JAVA_INT, 0);
  }
}
