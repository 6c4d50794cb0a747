package dev.outboard.engine.vhostuser;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.linux.ReceivedFds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries out the requests that describe a guest's memory. The control thread, while no queue runs.
 *
 * <p>Where there are several queue pairs, older QEMUs (7.2 is one) send ADD_MEM_REG and REM_MEM_REG
 * once for each pair. So to add what is there, or to remove what is not, is no mistake.
 *
 * <pre>
 *   SET_MEM_TABLE               0 number of regions, 8 regions
 *   ADD_MEM_REG, REM_MEM_REG    8 region
 *   region of 32 bytes          0 guest address, 8 size, 16 user address, 24 file offset
 * </pre>
 */
final class MemoryRequests {
  private static final int MAX_REGIONS = 8;
  private static final int HEADER = 8;
  private static final int LINE = 32;

  private MemoryRequests() {}

  /** Replaces the whole table. */
  static void setTable(MessageSocket message, Device device, GuestRegions regions)
      throws ProtocolException {
    List<GuestMemory.Line> lines = readTable(message);
    device.memory.close();
    device.memory = GuestMemory.empty(regions, false);
    try {
      device.memory = GuestMemory.map(lines, regions, false);
    } catch (IOException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  private static List<GuestMemory.Line> readTable(MessageSocket message) throws ProtocolException {
    int count = message.size() < HEADER ? -1 : message.u32(0);
    ReceivedFds fds = message.fds();
    if (count <= 0 || count > MAX_REGIONS || message.size() < HEADER + count * LINE) {
      throw new ProtocolException("a memory table with " + count + " regions");
    }
    if (fds.count() != count) {
      throw new ProtocolException(
          "a memory table of " + count + " regions with " + fds.count() + " files");
    }
    List<GuestMemory.Line> lines = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      lines.add(line(message, HEADER + i * LINE, fds.take(i)));
    }
    return lines;
  }

  /** Adds one region. */
  static void add(MessageSocket message, Device device) throws ProtocolException {
    if (message.fds().count() != 1) {
      throw new ProtocolException("ADD_MEM_REG without a file");
    }
    if (device.memory.has(line(message, HEADER, -1))) {
      return;
    }
    try {
      device.memory = device.memory.plus(line(message, HEADER, message.fds().take(0)));
    } catch (IOException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  /** Removes one region, named by its addresses and size; a file that comes with it is closed. */
  static void remove(MessageSocket message, Device device) throws ProtocolException {
    GuestMemory.Line line = line(message, HEADER, -1);
    if (!device.memory.has(line)) {
      return;
    }
    try {
      device.memory = device.memory.minus(line);
    } catch (IOException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  private static GuestMemory.Line line(MessageSocket message, int at, int file) {
    return new GuestMemory.Line(
        message.u64(at), message.u64(at + 8), message.u64(at + 16), message.u64(at + 24), file);
  }
}
