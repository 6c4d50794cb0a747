package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory files and mappings of them. */
class MemoryFileTest {
  @Test
  void twoMappingsShareTheFile() throws Exception {
    int fd = MemoryFile.create("share", 1 << 20);
    try (Arena one = Arena.ofConfined();
        Arena two = Arena.ofShared()) {
      MemorySegment first = Mapping.map(fd, 0, 1 << 20, one);
      MemorySegment second = Mapping.map(fd, 4096, 4096, two);
      assertEquals(1 << 20, first.byteSize());
      second.set(ValueLayout.JAVA_LONG, 8, 42);
      assertEquals(42, first.get(ValueLayout.JAVA_LONG, 4096 + 8));
      assertThrows(IndexOutOfBoundsException.class, () -> second.get(ValueLayout.JAVA_BYTE, 4096));
    }
    assertEquals(1 << 20, MemoryFile.size(fd));
    FileDescriptors.close(fd);
  }

  @Test
  void closingTheArenaUnmaps() throws Exception {
    int fd = MemoryFile.create("outboard-unmap", 1 << 16);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment _ = Mapping.map(fd, 0, 1 << 16, arena);
      assertTrue(Files.readString(Path.of("/proc/self/maps")).contains("outboard-unmap"));
    }
    assertFalse(Files.readString(Path.of("/proc/self/maps")).contains("outboard-unmap"));
    FileDescriptors.close(fd);
  }

  @Test
  void anArenaOfAnotherThreadLeaksNothing() throws Exception {
    int fd = MemoryFile.create("outboard-foreign", 1 << 16);
    Arena closed = Arena.ofConfined();
    closed.close();
    assertThrows(IllegalStateException.class, () -> Mapping.map(fd, 0, 1 << 16, closed));
    assertFalse(Files.readString(Path.of("/proc/self/maps")).contains("outboard-foreign"));
    FileDescriptors.close(fd);
  }

  @Test
  void aSealedFileDoesNotShrink() throws Exception {
    int fd = MemoryFile.create("seal", 1 << 16);
    assertTrue(MemoryFile.sealShrink(fd));
    assertTrue(MemoryFile.sealShrink(fd));
    LinuxException e = assertThrows(LinuxException.class, () -> MemoryFile.resize(fd, 4096));
    assertEquals(Errno.EPERM, e.errno());
    MemoryFile.resize(fd, 1 << 17);
    FileDescriptors.close(fd);
  }

  @Test
  void filesOnDiskAreNeitherMemoryNorSealable(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("disk"));
    int fd = FileDescriptors.open(file.toString(), 2);
    boolean memory = Files.getFileStore(directory).type().equals("tmpfs");
    assertEquals(memory, MemoryFile.isMemoryBacked(fd));
    assertFalse(MemoryFile.sealShrink(fd));
    assertEquals(Mapping.pageSize(), MemoryFile.pageSize(fd));
    FileDescriptors.close(fd);
  }

  @Test
  void mappingErrorsSayWhat() {
    try (Arena arena = Arena.ofConfined()) {
      LinuxException e =
          assertThrows(LinuxException.class, () -> Mapping.map(12345, 0, 4096, arena));
      assertEquals(
          "map 4096 bytes of descriptor 12345 from offset 0: Bad file descriptor (EBADF)",
          e.getMessage());
    }
  }

  @Test
  void anonymousMemoryIsZeroedAndAligned() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = Mapping.mapAnonymous(10_000, arena);
      assertEquals(0, memory.address() % Mapping.pageSize());
      assertEquals(0, memory.get(ValueLayout.JAVA_LONG_UNALIGNED, 10_000 - 8));
    }
  }

  @Test
  void hugePagesWhereTheMachineHasThem() throws Exception {
    long before = mappings();
    try {
      int fd = MemoryFile.createHuge("huge", 2 << 20);
      assertTrue(MemoryFile.isHuge(fd));
      assertTrue(MemoryFile.isMemoryBacked(fd));
      assertTrue(MemoryFile.pageSize(fd) >= 2 << 20);
      assertTrue(MemoryFile.sealShrink(fd));
      assertEquals(FileDescriptors.Kind.MEMORY_FILE, FileDescriptors.kind(fd));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment _ = Mapping.map(fd, 0, 4096, arena);
      } catch (LinuxException e) {
        assertEquals(Errno.ENOMEM, e.errno(), "no huge page is free");
      }
      FileDescriptors.close(fd);
    } catch (LinuxException e) {
      assertTrue(e.errno() == Errno.EINVAL || e.errno() == Errno.ENOMEM, e.getMessage());
    }
    assertEquals(before, mappings());
  }

  private static long mappings() throws Exception {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains("memfd:huge")).count();
    }
  }
}
