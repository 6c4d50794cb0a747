package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.FileDescriptors.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kinds and modes of descriptors. */
class FileDescriptorsTest {
  @Test
  void knowsEachKind(@TempDir Path directory) throws Exception {
    assertKind(Kind.EVENTFD, EventFd.create());
    int[] pair = UnixSocket.pair();
    assertKind(Kind.STREAM_SOCKET, pair[0]);
    assertKind(Kind.STREAM_SOCKET, pair[1]);
    assertKind(Kind.MEMORY_FILE, MemoryFile.create("kind", 4096));
    assertKind(Kind.OTHER, FileDescriptors.open("/dev/null", 2));
    assertKind(Kind.OTHER, FileDescriptors.open("/proc/self/stat", 0));
    assertKind(Kind.OTHER, FileDescriptors.open("/dev/shm", 0));
    assertEquals(Kind.OTHER, FileDescriptors.kind(-1));
    assertEquals(Kind.OTHER, FileDescriptors.kind(54321));
    Path fifo = directory.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    assertKind(Kind.OTHER, FileDescriptors.open(fifo.toString(), 2));
    Path forged = Files.createFile(directory.resolve("anon_inode:[eventfd]"));
    assertNotEquals(Kind.EVENTFD, FileDescriptors.kind(FileDescriptors.open(forged.toString(), 0)));
  }

  private static void assertKind(Kind kind, int fd) {
    assertEquals(kind, FileDescriptors.kind(fd));
    FileDescriptors.close(fd);
    assertEquals(Kind.OTHER, FileDescriptors.kind(fd));
  }

  @Test
  void nonBlockingModeSitsOnTheSharedFile() throws Exception {
    int[] pair = UnixSocket.pair();
    int second = FileDescriptors.duplicate(pair[0]);
    assertFalse(FileDescriptors.isNonBlocking(second));
    FileDescriptors.setNonBlocking(pair[0]);
    assertTrue(FileDescriptors.isNonBlocking(second));
    FileDescriptors.setBlocking(second);
    assertFalse(FileDescriptors.isNonBlocking(pair[0]));
    for (int fd : new int[] {pair[0], pair[1], second}) {
      FileDescriptors.close(fd);
    }
    LinuxException e = assertThrows(LinuxException.class, () -> FileDescriptors.duplicate(second));
    assertEquals(Errno.EBADF, e.errno());
  }
}
