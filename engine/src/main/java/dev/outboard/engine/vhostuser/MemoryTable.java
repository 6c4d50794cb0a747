package dev.outboard.engine.vhostuser;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.linux.ReceivedFds;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads SET_MEM_TABLE.
 *
 * <pre>
 *   0 number of regions, 8 regions of 32 bytes: guest address, size, user address, file offset
 * </pre>
 */
final class MemoryTable {
  private static final int MAX_REGIONS = 8;
  private static final int HEADER = 8;
  private static final int LINE = 32;

  private MemoryTable() {}

  /** The lines of the table; each owns its file. */
  static List<GuestMemory.Line> read(MessageSocket socket) throws ProtocolException {
    int count = socket.size() < HEADER ? -1 : socket.u32(0);
    ReceivedFds fds = socket.fds();
    if (count <= 0 || count > MAX_REGIONS || socket.size() < HEADER + count * LINE) {
      throw new ProtocolException("a memory table with " + count + " regions");
    }
    if (fds.count() != count) {
      throw new ProtocolException(
          "a memory table of " + count + " regions with " + fds.count() + " files");
    }
    List<GuestMemory.Line> lines = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int at = HEADER + i * LINE;
      lines.add(
          new GuestMemory.Line(
              socket.u64(at),
              socket.u64(at + 8),
              socket.u64(at + 16),
              socket.u64(at + 24),
              fds.take(i)));
    }
    return lines;
  }
}
