package dev.outboard.transport.dpdk.ffi;

import dev.outboard.linux.Io;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * What DPDK logs goes to a pipe of ours in place of stderr, and is read when a call has failed: it
 * says what the error number does not. The pipe does not block, so a driver that logs without end
 * loses what nobody reads. The thread that holds EAL's lock.
 */
final class EalLog {
  private static final int PIPE_FLAGS = 0x800 | 0x80000; // O_NONBLOCK, O_CLOEXEC
  private static final int CHUNK = 64 * 1024;
  private static final int LINES = 2;
  private static final int LONGEST = 240;

  /** As {@code EAL: } or {@code rte_pmd_init_internals(): } in front of what is said. */
  private static final Pattern NOISE = Pattern.compile("^([A-Z_]+: )+|[\\p{Cntrl}]");

  /** Said after the cause, or before it. */
  private static final Pattern USELESS =
      Pattern.compile(
          "Failed to attach device|Driver cannot attach|Cannot init memory$|Detected "
              + "|Invalid 'command line' arguments");

  private static final MemorySegment BUFFER = Arena.global().allocate(CHUNK);
  private static int readEnd = -1;
  private static long stream;

  private EalLog() {}

  /** Takes the log over; before EAL starts. */
  static void open() throws DpdkException {
    if (readEnd >= 0) {
      return;
    }
    MethodHandle pipe = Native.bind("pipe2", Native.INT, Native.POINTER, Native.INT);
    MethodHandle open = Native.bind("fdopen", Native.POINTER, Native.INT, Native.POINTER);
    MethodHandle use = Native.bind("rte_openlog_stream", Native.INT, Native.POINTER);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(2L * Integer.BYTES, Integer.BYTES);
      if ((int) pipe.invokeExact(ends.address(), PIPE_FLAGS) != 0) {
        throw new DpdkException("can't make a pipe for DPDK's log");
      }
      readEnd = ends.getAtIndex(ValueLayout.JAVA_INT, 0);
      stream =
          (long)
              open.invokeExact(
                  ends.getAtIndex(ValueLayout.JAVA_INT, 1), arena.allocateFrom("w").address());
      int _ = (int) use.invokeExact(stream);
    } catch (DpdkException e) {
      throw e;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** The C library's stream that is the log. */
  static long stream() {
    return stream;
  }

  /** Forgets what was logged until now. */
  static void begin() {
    String _ = read();
  }

  /** The last lines that were logged since, as one. */
  static String end() {
    Deque<String> last = new ArrayDeque<>();
    for (String line : read().split("\n", -1)) {
      String text = NOISE.matcher(line).replaceAll("").strip();
      if (!text.isEmpty() && !USELESS.matcher(text).lookingAt()) {
        last.add(text);
        if (last.size() > LINES) {
          last.remove();
        }
      }
    }
    String all = String.join("; ", last);
    return all.length() <= LONGEST ? all : all.substring(0, LONGEST) + "...";
  }

  private static String read() {
    StringBuilder text = new StringBuilder();
    long bytes;
    while (readEnd >= 0 && (bytes = Io.read(readEnd, BUFFER.address(), CHUNK)) > 0) {
      text.append(
          new String(
              BUFFER.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
    }
    return text.toString();
  }
}
