package dev.outboard.transport.dpdk.ffi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Finds out, before anything is called, whether the table of fast-path functions looks as our
 * layout says: while there is no device each entry has functions and queues that do nothing, so
 * there is code where a function is expected, and data where a queue is. To call data would be the
 * end of the process.
 */
final class FastPathCheck {
  /** A range of addresses of this process. */
  private record Range(long start, long end, boolean executable) {
    boolean contains(long address) {
      return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }
  }

  private FastPathCheck() {}

  /** Why the table is not as expected, or nothing. */
  static Optional<String> refusal(Layout layout, MemorySegment table) {
    List<Range> ranges = ranges();
    Layout.FastPath path = layout.fastPath();
    MemorySegment entry = Native.at(table.address(), path.size());
    boolean fits =
        isCode(ranges, word(entry, path.receiveFunction()))
            && isCode(ranges, word(entry, path.transmitFunction()))
            && isData(ranges, word(entry, path.receiveQueues()))
            && isData(ranges, word(entry, path.transmitQueues()));
    return fits
        ? Optional.empty()
        : Optional.of(
            "this DPDK (ABI %d) has a fast-path table of an unknown layout: %s"
                .formatted(layout.abi(), pattern(ranges, entry)));
  }

  private static long word(MemorySegment entry, int offset) {
    return entry.get(ValueLayout.JAVA_LONG, offset);
  }

  private static boolean isCode(List<Range> ranges, long word) {
    return ranges.stream().anyMatch(range -> range.executable && range.contains(word));
  }

  private static boolean isData(List<Range> ranges, long word) {
    return ranges.stream().anyMatch(range -> !range.executable && range.contains(word));
  }

  /** The words of an entry as letters: X code, d data, 0 nothing, ? anything else. */
  static String pattern(MemorySegment table, int bytes) {
    return pattern(ranges(), Native.at(table.address(), bytes));
  }

  private static String pattern(List<Range> ranges, MemorySegment entry) {
    StringBuilder letters = new StringBuilder();
    for (int offset = 0; offset < entry.byteSize(); offset += Long.BYTES) {
      long word = word(entry, offset);
      boolean code = isCode(ranges, word);
      letters.append(word == 0 ? '0' : code ? 'X' : isData(ranges, word) ? 'd' : '?');
    }
    return letters.toString();
  }

  private static List<Range> ranges() {
    try {
      return Files.readAllLines(Path.of("/proc/self/maps")).stream()
          .map(FastPathCheck::range)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code 7f2c4a000000-7f2c4a021000 r-xp 00000000 08:01 1234 /usr/lib/...}. */
  private static Range range(String line) {
    int dash = line.indexOf('-');
    int space = line.indexOf(' ');
    return new Range(
        Long.parseUnsignedLong(line.substring(0, dash), 16),
        Long.parseUnsignedLong(line.substring(dash + 1, space), 16),
        line.charAt(space + 3) == 'x');
  }
}
