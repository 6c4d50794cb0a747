package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What the kernel says about an open file. It asks by {@code statx}, whose struct is the same on
 * every architecture, unlike that of {@code fstat}. Private to the package; cold; any thread.
 */
final class Stat {
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_SIZE = 0x200;
  private static final int STATX_BYTES = 256;
  private static final int STATX_CTIME = 0x80;
  private static final int SIZE_OFFSET = 40;
  private static final int CTIME_OFFSET = 96;
  private static final long NANOS = 1_000_000_000L;
  private static final int STATFS_BYTES = 256;
  private static final int BLOCK_SIZE_OFFSET = 8;

  private static final MethodHandle STATX =
      Native.bind("statx", INT, INT, POINTER, INT, INT, POINTER);
  private static final MethodHandle FSTATFS = Native.bind("fstatfs", INT, INT, POINTER);

  private Stat() {}

  static long size(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STATX_BYTES, Long.BYTES);
      LinuxException.check(statx(arena, fd, STATX_SIZE, stat), "size of descriptor " + fd);
      return stat.get(LONG, SIZE_OFFSET);
    }
  }

  static long changeTime(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STATX_BYTES, Long.BYTES);
      LinuxException.check(statx(arena, fd, STATX_CTIME, stat), "times of descriptor " + fd);
      return stat.get(LONG, CTIME_OFFSET) * NANOS + stat.get(INT, CTIME_OFFSET + 8);
    }
  }

  private static int statx(Arena arena, int fd, int mask, MemorySegment stat) {
    MemorySegment state = Native.callState();
    long noPath = Native.string(arena, "").address();
    try {
      return Native.check(
          (int) STATX.invokeExact(state, fd, noPath, AT_EMPTY_PATH, mask, stat.address()), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** The magic number of the file system, or the negated error number. */
  static long fileSystem(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statfs = arena.allocate(STATFS_BYTES, Long.BYTES);
      int result = fstatfs(fd, statfs);
      return result < 0 ? result : statfs.get(LONG, 0);
    }
  }

  /** The block size of the file system: on hugetlbfs the size of its pages. */
  static long blockSize(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statfs = arena.allocate(STATFS_BYTES, Long.BYTES);
      LinuxException.check(fstatfs(fd, statfs), "file system of descriptor " + fd);
      return statfs.get(LONG, BLOCK_SIZE_OFFSET);
    }
  }

  private static int fstatfs(int fd, MemorySegment statfs) {
    MemorySegment state = Native.callState();
    try {
      return Native.check((int) FSTATFS.invokeExact(state, fd, statfs.address()), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
