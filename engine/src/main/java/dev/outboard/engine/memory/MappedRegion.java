package dev.outboard.engine.memory;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Mapping;
import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One region of a guest's memory, mapped, with an arena of its own: regions come and go one by one.
 * The control thread makes and closes it.
 */
final class MappedRegion {
  final GuestMemory.Line line;
  final MemorySegment segment;
  final int id;
  private final boolean sealed;
  private final long changeTime;
  private final GuestRegions table;
  private final Arena arena;

  private MappedRegion(
      GuestMemory.Line line,
      MemorySegment segment,
      GuestRegions table,
      Arena arena,
      boolean sealed,
      long pageSize,
      long changeTime) {
    this.sealed = sealed;
    this.changeTime = changeTime;
    this.line = line;
    this.segment = segment;
    this.table = table;
    this.arena = arena;
    id = table.add(segment, sealed, pageSize);
  }

  /**
   * Maps from offset 0: huge-page files can't be mapped from an offset that is not aligned. The
   * file belongs to the region if this succeeds.
   */
  static MappedRegion map(GuestMemory.Line line, GuestRegions table, boolean unsafeFilesAllowed)
      throws IOException {
    String name = "memory region at 0x" + Long.toHexString(line.guestAddress());
    long end = line.fileOffset() + line.size();
    if (line.fileOffset() < 0 || end < line.size()) {
      throw new IOException(name + " has an impossible file offset");
    }
    boolean memoryBacked = MemoryFile.isMemoryBacked(line.file());
    if (!memoryBacked && !unsafeFilesAllowed) {
      throw new IOException(
          name
              + " is not on tmpfs or hugetlbfs: give the VMM a shared memory backend such as"
              + " memfd");
    }
    boolean sealed = memoryBacked && MemoryFile.sealShrink(line.file());
    if (MemoryFile.size(line.file()) < end) {
      throw new IOException(name + " is larger than its file");
    }
    long pageSize = MemoryFile.pageSize(line.file());
    long mapped = (end + pageSize - 1) / pageSize * pageSize;
    Arena arena = Arena.ofShared();
    try {
      MemorySegment whole = Mapping.map(line.file(), 0, mapped, arena);
      MemorySegment segment = whole.asSlice(line.fileOffset(), line.size());
      long changeTime = MemoryFile.changeTime(line.file());
      return new MappedRegion(line, segment, table, arena, sealed, pageSize, changeTime);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Whether the file is still as long as it was when mapped. */
  boolean isWhole() {
    try {
      return MemoryFile.size(line.file()) >= line.fileOffset() + line.size();
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the file, if it can shrink, has been resized since then. */
  boolean wasTamperedWith() {
    try {
      return !sealed && MemoryFile.changeTime(line.file()) != changeTime;
    } catch (IOException e) {
      return true;
    }
  }

  void close() {
    table.remove(id);
    arena.close();
    FileDescriptors.closeForeign(line.file());
  }
}
