package dev.outboard.engine.memory;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Mapping;
import dev.outboard.linux.MemoryFile;
import dev.outboard.spi.RegionTable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * One memory table of one guest, mapped. Immutable: a new table is a new object. Made and closed by
 * the control thread, read by workers.
 *
 * <p>Two address spaces lead into it. Descriptors hold <em>guest-physical</em> addresses; the
 * addresses of the rings themselves are <em>user</em> addresses of the VMM. Both are translated to
 * an index of a region and an offset, checked for their whole length; a range that no single region
 * holds has no translation.
 *
 * <p>The table has an arena of its own, closed when no worker can hold a segment of it any more: a
 * worker that came too late would get an exception, never another guest's memory.
 */
public final class GuestMemory implements AutoCloseable {
  /** How many regions a table may have. */
  public static final int MAX_REGIONS = 64;

  private final Arena arena = Arena.ofShared();
  private final RegionTable table;
  private final int count;
  private final long[] guestStart;
  private final long[] userStart;
  private final long[] size;
  private final MemorySegment[] segments;
  private final int[] ids;
  private final int[] files;
  private final long[] fileEnd;
  private boolean closed;

  /**
   * One line of the table as the VMM sent it.
   *
   * @param guestAddress guest-physical start
   * @param size in bytes
   * @param userAddress start in the VMM's address space
   * @param fileOffset where the region starts in its file
   * @param file the file; this object owns it once the table is made
   */
  public record Line(long guestAddress, long size, long userAddress, long fileOffset, int file) {}

  /**
   * Maps a table. Whether it succeeds or not, the files belong to it from now on.
   *
   * @param unsafeFilesAllowed take files that are neither tmpfs nor hugetlbfs; they can block or
   *     fail a worker at any access
   * @throws IOException with one line saying what is wrong with the table
   */
  public GuestMemory(List<Line> lines, RegionTable table, boolean unsafeFilesAllowed)
      throws IOException {
    this.table = table;
    count = lines.size();
    guestStart = new long[count];
    userStart = new long[count];
    size = new long[count];
    segments = new MemorySegment[count];
    ids = new int[count];
    files = new int[count];
    fileEnd = new long[count];
    Arrays.fill(ids, -1);
    for (int i = 0; i < count; i++) {
      files[i] = lines.get(i).file();
    }
    try {
      checkNoOverlap(lines);
      for (int i = 0; i < count; i++) {
        map(i, lines.get(i), unsafeFilesAllowed);
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static void checkNoOverlap(List<Line> lines) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      Line a = lines.get(i);
      if (a.size() <= 0 || wraps(a.guestAddress(), a.size()) || wraps(a.userAddress(), a.size())) {
        throw new IOException("memory region " + i + " has an impossible address or size");
      }
      for (int j = 0; j < i; j++) {
        Line b = lines.get(j);
        if (overlap(a.guestAddress(), a.size(), b.guestAddress(), b.size())
            || overlap(a.userAddress(), a.size(), b.userAddress(), b.size())) {
          throw new IOException("memory regions " + j + " and " + i + " overlap");
        }
      }
    }
  }

  private static boolean wraps(long start, long size) {
    return Long.compareUnsigned(start + size, start) < 0 || start + size == 0;
  }

  private static boolean overlap(long a, long aSize, long b, long bSize) {
    return Long.compareUnsigned(a, b + bSize) < 0 && Long.compareUnsigned(b, a + aSize) < 0;
  }

  /** Maps from offset 0: huge-page files can't be mapped from an offset that is not aligned. */
  private void map(int i, Line line, boolean unsafeFilesAllowed) throws IOException {
    long end = line.fileOffset() + line.size();
    if (line.fileOffset() < 0 || end < line.size()) {
      throw new IOException("memory region " + i + " has an impossible file offset");
    }
    boolean memoryBacked = MemoryFile.isMemoryBacked(line.file());
    if (!memoryBacked && !unsafeFilesAllowed) {
      throw new IOException(
          "memory region "
              + i
              + " is not on tmpfs or hugetlbfs: give the VMM a shared memory backend such as memfd");
    }
    if (memoryBacked) {
      MemoryFile.sealShrink(line.file());
    }
    if (MemoryFile.size(line.file()) < end) {
      throw new IOException("memory region " + i + " is larger than its file");
    }
    long pageSize = MemoryFile.pageSize(line.file());
    long mapped = (end + pageSize - 1) / pageSize * pageSize;
    MemorySegment whole = Mapping.map(line.file(), 0, mapped, arena);
    guestStart[i] = line.guestAddress();
    userStart[i] = line.userAddress();
    size[i] = line.size();
    fileEnd[i] = end;
    segments[i] = whole.asSlice(line.fileOffset(), line.size());
    ids[i] = table.add(segments[i]);
  }

  /**
   * Finds the region that holds a whole guest-physical range.
   *
   * @return its index, or -1
   */
  public int find(long guestAddress, long length) {
    for (int i = 0; i < count; i++) {
      long offset = guestAddress - guestStart[i];
      if (offset >= 0 && offset < size[i] && length >= 0 && length <= size[i] - offset) {
        return i;
      }
    }
    return -1;
  }

  /** Where in region {@code index} a guest-physical address lies that {@link #find} found there. */
  public long offset(int index, long guestAddress) {
    return guestAddress - guestStart[index];
  }

  /** The bytes of a region. */
  public MemorySegment segment(int index) {
    return segments[index];
  }

  /** The region's number in the table of all regions. */
  public int regionId(int index) {
    return ids[index];
  }

  /** The whole range at a user address of the VMM, or null if no single region holds it. */
  public MemorySegment userRange(long userAddress, long length) {
    for (int i = 0; i < count; i++) {
      long offset = userAddress - userStart[i];
      if (offset >= 0 && offset < size[i] && length <= size[i] - offset) {
        return segments[i].asSlice(offset, length);
      }
    }
    return null;
  }

  /** Whether every file is still as long as it was when mapped. */
  public boolean isWhole() {
    for (int i = 0; i < count; i++) {
      try {
        if (MemoryFile.size(files[i]) < fileEnd[i]) {
          return false;
        }
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  /** Unmaps; no worker may hold a queue of this memory any more. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (int id : ids) {
      if (id >= 0) {
        table.remove(id);
      }
    }
    arena.close();
    for (int file : files) {
      if (file >= 0) {
        FileDescriptors.close(file);
      }
    }
  }
}
