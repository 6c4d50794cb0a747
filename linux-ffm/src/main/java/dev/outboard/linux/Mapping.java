package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.LONG;
import static dev.outboard.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Maps files and fresh memory into this process, for as long as an arena lives. Cold; any thread.
 * Closing the arena unmaps: raw addresses taken from the segment are dead from then on.
 */
public final class Mapping {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;

  private static final MethodHandle MMAP =
      Native.bind("mmap", LONG, POINTER, LONG, INT, INT, INT, LONG);
  private static final MethodHandle MUNMAP = Native.bind("munmap", INT, POINTER, LONG);
  private static final MethodHandle GETPAGESIZE = Native.bind("getpagesize", INT);

  private static final MethodHandle MADVISE = Native.bind("madvise", INT, POINTER, LONG, INT);
  private static final int MADV_POPULATE_READ = 22;

  private static final int PAGE_SIZE = askPageSize();

  private Mapping() {}

  /** The size of an ordinary page. */
  public static int pageSize() {
    return PAGE_SIZE;
  }

  /**
   * Maps part of a file, shared, readable and writable. The offset is a multiple of the file's page
   * size. The descriptor may be closed afterwards. Access beyond the file's end is SIGBUS, which
   * the JVM turns into an InternalError: check the size first.
   */
  public static MemorySegment map(int fd, long offset, long length, Arena arena)
      throws LinuxException {
    return map(fd, offset, length, MAP_SHARED, arena);
  }

  /** Maps zeroed memory of our own, page-aligned. */
  public static MemorySegment mapAnonymous(long length, Arena arena) throws LinuxException {
    return map(-1, 0, length, MAP_PRIVATE | MAP_ANONYMOUS, arena);
  }

  private static MemorySegment map(int fd, long offset, long length, int flags, Arena arena)
      throws LinuxException {
    MemorySegment state = Native.callState();
    long address;
    try {
      address =
          Native.check(
              (long) MMAP.invokeExact(state, 0L, length, PROT_READ_WRITE, flags, fd, offset),
              state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    if (address < 0) {
      String what = fd < 0 ? "memory" : "descriptor " + fd + " from offset " + offset;
      throw new LinuxException("map " + length + " bytes of " + what, (int) -address);
    }
    // The kernel rounds the length up by itself when it maps huge pages, but not when it unmaps.
    long page = fd < 0 ? PAGE_SIZE : MemoryFile.pageSize(fd);
    long mapped = (length + page - 1) / page * page;
    try {
      return Native.own(address, length, arena, () -> unmap(address, mapped));
    } catch (RuntimeException e) {
      // The arena is closed, or another thread's: nobody would ever unmap it.
      unmap(address, mapped);
      throw e;
    }
  }

  /**
   * Whether these bytes of a mapping can be read without SIGBUS at this moment: the kernel is asked
   * to fault their pages in. A kernel that can't be asked (before 5.14) says yes.
   */
  public static boolean isAccessible(long address, long length) {
    long start = address & -PAGE_SIZE;
    long bytes = (address + length - start + PAGE_SIZE - 1) & -PAGE_SIZE;
    MemorySegment state = Native.callState();
    try {
      int result =
          Native.check((int) MADVISE.invokeExact(state, start, bytes, MADV_POPULATE_READ), state);
      return result == 0 || result == -Errno.EINVAL;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private static void unmap(long address, long length) {
    try {
      int _ = (int) MUNMAP.invokeExact(Native.callState(), address, length);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  private static int askPageSize() {
    try {
      return (int) GETPAGESIZE.invokeExact(Native.callState());
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
