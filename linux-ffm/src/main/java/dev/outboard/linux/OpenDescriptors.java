package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which descriptors this process has: for what libraries have opened and don't tell. Cold; any
 * thread.
 */
public final class OpenDescriptors {
  /** {@code AF_PACKET}: all frames of an interface. */
  public static final int PACKET = 17;

  /** {@code AF_XDP}: frames of an interface's queue. */
  public static final int XDP = 44;

  private static final Path OPEN = Path.of("/proc/self/fd");
  private static final int SOL_SOCKET = 1;
  private static final int SO_DOMAIN = 39;

  private static final MethodHandle GET_OPTION =
      Native.bind("getsockopt", INT, INT, INT, INT, POINTER, POINTER);

  private OpenDescriptors() {}

  /** The open sockets of a domain: by descriptor, a name that no other socket has. */
  public static Map<Integer, String> sockets(int domain) throws LinuxException {
    Map<Integer, String> found = named("socket:");
    found.keySet().removeIf(fd -> domain(fd) != domain);
    return found;
  }

  /** Those that the kernel calls something that begins so, by descriptor. */
  public static Map<Integer, String> named(String beginning) throws LinuxException {
    Map<Integer, String> found = new TreeMap<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(OPEN)) {
      for (Path entry : open) {
        String target = target(entry);
        if (target.startsWith(beginning)) {
          found.put(Integer.parseInt(entry.getFileName().toString()), target);
        }
      }
    } catch (IOException e) {
      throw new LinuxException("can't list the open descriptors: " + e.getMessage(), Errno.EIO, e);
    }
    return found;
  }

  /** It may have been closed meanwhile. */
  private static String target(Path entry) {
    try {
      return Files.readSymbolicLink(entry).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static int domain(int fd) {
    MemorySegment state = Native.callState();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(INT);
      MemorySegment length = arena.allocateFrom(INT, Integer.BYTES);
      int result =
          (int)
              GET_OPTION.invokeExact(
                  state, fd, SOL_SOCKET, SO_DOMAIN, value.address(), length.address());
      return result == 0 ? value.get(INT, 0) : -1;
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }
}
