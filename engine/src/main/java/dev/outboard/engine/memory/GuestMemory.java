package dev.outboard.engine.memory;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * One memory table of one guest, mapped. Immutable: a new table is a new object, and takes over the
 * regions that stay ({@link #plus}, {@link #minus}). Made and closed by the control thread, read by
 * workers.
 *
 * <p>Two address spaces lead into it. Descriptors hold <em>guest-physical</em> addresses; the
 * addresses of the rings themselves are <em>user</em> addresses of the VMM. Both are translated to
 * an index of a region and an offset, checked for their whole length; a range that no single region
 * holds has no translation.
 *
 * <p>Each region has an arena of its own, closed when no worker can hold a segment of it any more:
 * a worker that came too late would get an exception, never another guest's memory.
 */
public final class GuestMemory implements AutoCloseable {
  /** How many regions a table may have: as many as KVM has slots for memory. */
  public static final int MAX_REGIONS = 509;

  /** Files may have holes and be of any size, but all guests share one address space of 128 TiB. */
  private static final long MAX_MAPPED = 4L << 40;

  /** Up to so many regions one look at each is faster than a search. */
  private static final int FEW = 8;

  private final GuestRegions table;
  private final boolean unsafeFilesAllowed;
  private final MappedRegion[] regions;
  private final int count;
  private final long[] guestStart;
  private final long[] size;
  private final MemorySegment[] segments;
  private final int[] ids;

  /**
   * One line of the table as the VMM sent it.
   *
   * @param guestAddress guest-physical start
   * @param size in bytes
   * @param userAddress start in the VMM's address space
   * @param fileOffset where the region starts in its file
   * @param file the file; the table owns it
   */
  public record Line(long guestAddress, long size, long userAddress, long fileOffset, int file) {
    private boolean isSameRange(Line other) {
      return guestAddress == other.guestAddress
          && size == other.size
          && userAddress == other.userAddress;
    }

    /** Files are mapped from their beginning up to here. */
    private long fileEnd() {
      return fileOffset + size;
    }
  }

  private GuestMemory(List<MappedRegion> mapped, GuestRegions table, boolean unsafeFilesAllowed) {
    this.table = table;
    this.unsafeFilesAllowed = unsafeFilesAllowed;
    regions = mapped.toArray(MappedRegion[]::new);
    count = regions.length;
    guestStart = new long[count];
    size = new long[count];
    segments = new MemorySegment[count];
    ids = new int[count];
    for (int i = 0; i < count; i++) {
      guestStart[i] = regions[i].line.guestAddress();
      size[i] = regions[i].line.size();
      segments[i] = regions[i].segment;
      ids[i] = regions[i].id;
    }
  }

  /** A table without regions. */
  public static GuestMemory empty(GuestRegions table, boolean unsafeFilesAllowed) {
    return new GuestMemory(List.of(), table, unsafeFilesAllowed);
  }

  /**
   * Maps a table. Whether it succeeds or not, the files belong to it from now on.
   *
   * @param unsafeFilesAllowed take files that are neither tmpfs nor hugetlbfs; they can block or
   *     fail a worker at any access
   * @throws IOException with one line saying what is wrong with the table
   */
  public static GuestMemory map(List<Line> lines, GuestRegions table, boolean unsafeFilesAllowed)
      throws IOException {
    GuestMemory memory = empty(table, unsafeFilesAllowed);
    for (int i = 0; i < lines.size(); i++) {
      try {
        memory = memory.plus(lines.get(i));
      } catch (IOException | RuntimeException e) {
        memory.close();
        lines.stream().skip(i + 1L).forEach(line -> FileDescriptors.closeForeign(line.file()));
        throw e;
      }
    }
    return memory;
  }

  /**
   * The table with one region more; this one is not to be used any more. If it fails, this one
   * stays as it is. The file belongs to the table in either case.
   */
  public GuestMemory plus(Line line) throws IOException {
    try {
      check(line);
      MappedRegion region = MappedRegion.map(line, table, unsafeFilesAllowed);
      List<MappedRegion> all = new ArrayList<>(List.of(regions));
      all.add(region);
      all.sort(Comparator.comparing(r -> r.line.guestAddress(), Long::compareUnsigned));
      return new GuestMemory(all, table, unsafeFilesAllowed);
    } catch (IOException | RuntimeException e) {
      FileDescriptors.closeForeign(line.file());
      throw e;
    }
  }

  /**
   * The table without the region of the same addresses and size, which is unmapped; this one is not
   * to be used any more.
   *
   * @throws IOException if there is no such region; this one stays as it is
   */
  public GuestMemory minus(Line line) throws IOException {
    List<MappedRegion> left = new ArrayList<>(List.of(regions));
    for (MappedRegion region : regions) {
      if (region.line.isSameRange(line)) {
        left.remove(region);
        region.close();
        return new GuestMemory(left, table, unsafeFilesAllowed);
      }
    }
    throw new IOException(
        "there is no memory region at 0x"
            + Long.toHexString(line.guestAddress())
            + " of that size to remove");
  }

  private void check(Line line) throws IOException {
    if (count == MAX_REGIONS) {
      throw new IOException("more than " + MAX_REGIONS + " memory regions");
    }
    String name = "memory region at 0x" + Long.toHexString(line.guestAddress());
    if (line.size() <= 0
        || wraps(line.guestAddress(), line.size())
        || wraps(line.userAddress(), line.size())) {
      throw new IOException(name + " has an impossible address or size");
    }
    long mapped = line.fileEnd();
    for (MappedRegion region : regions) {
      Line other = region.line;
      mapped += other.fileEnd();
      if (overlap(line.guestAddress(), line.size(), other.guestAddress(), other.size())
          || overlap(line.userAddress(), line.size(), other.userAddress(), other.size())) {
        throw new IOException(name + " and another overlap");
      }
    }
    if (mapped > MAX_MAPPED) {
      throw new IOException(name + " is one too many: files of more than 4 TiB would be mapped");
    }
  }

  /** Whether there is a region of the same addresses and size. */
  public boolean has(Line line) {
    return Arrays.stream(regions).anyMatch(region -> region.line.isSameRange(line));
  }

  private static boolean wraps(long start, long size) {
    return Long.compareUnsigned(start + size, start) < 0 || start + size == 0;
  }

  private static boolean overlap(long a, long aSize, long b, long bSize) {
    return Long.compareUnsigned(a, b + bSize) < 0 && Long.compareUnsigned(b, a + aSize) < 0;
  }

  /**
   * Finds the region that holds a whole guest-physical range.
   *
   * @return its index, or -1
   */
  public int find(long guestAddress, long length) {
    if (count > FEW) {
      return search(guestAddress, length);
    }
    for (int i = 0; i < count; i++) {
      if (holds(i, guestAddress, length)) {
        return i;
      }
    }
    return -1;
  }

  /** How many regions there are. */
  public int count() {
    return count;
  }

  /** The guest-physical address at which a region starts. */
  public long start(int index) {
    return guestStart[index];
  }

  private boolean holds(int i, long guestAddress, long length) {
    long offset = guestAddress - guestStart[i];
    return offset >= 0 && offset < size[i] && length >= 0 && length <= size[i] - offset;
  }

  private int search(long guestAddress, long length) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Long.compareUnsigned(guestStart[middle], guestAddress) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return holds(low, guestAddress, length) ? low : -1;
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
    for (MappedRegion region : regions) {
      long offset = userAddress - region.line.userAddress();
      if (offset >= 0 && offset < region.line.size() && length <= region.line.size() - offset) {
        return region.segment.asSlice(offset, length);
      }
    }
    return null;
  }

  /** Whether there is no region at all. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** The table's lines, by guest address. */
  public List<Line> lines() {
    return List.of(regions).stream().map(region -> region.line).toList();
  }

  /** Whether every file is still as long as it was when mapped. */
  public boolean isWhole() {
    for (MappedRegion region : regions) {
      if (!region.isWhole()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a file that can shrink has been resized since it was mapped; it may be as long as ever
   * by now.
   */
  public boolean wasTamperedWith() {
    for (MappedRegion region : regions) {
      if (region.wasTamperedWith()) {
        return true;
      }
    }
    return false;
  }

  /** Whether part of a region can be read at this moment; asks the kernel, cold. */
  public boolean isAccessible(int index, long offset, long length) {
    return Mapping.isAccessible(segments[index].address() + offset, length);
  }

  /** Whether the region of this number in the table of all regions is one of these. */
  public boolean hasRegion(int id) {
    for (int each : ids) {
      if (each == id) {
        return true;
      }
    }
    return false;
  }

  /** Unmaps; no worker may hold a queue of this memory any more. */
  @Override
  public void close() {
    for (MappedRegion region : regions) {
      region.close();
    }
  }
}
