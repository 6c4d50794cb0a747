package dev.outboard.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unix sockets: paths, credentials, descriptors in transit. */
class UnixSocketTest {
  @TempDir Path directory;

  @Test
  void listensWithItsModeAndAccepts() throws Exception {
    Path path = directory.resolve("guest.sock");
    int listener = UnixSocket.listen(path, 0666, 16);
    assertEquals("rw-rw-rw-", mode(path));
    assertEquals(-Errno.EAGAIN, UnixSocket.accept(listener));
    int client = UnixSocket.connect(path);
    int server = UnixSocket.accept(listener);
    assertTrue(FileDescriptors.isNonBlocking(server));
    assertFalse(FileDescriptors.isNonBlocking(client));
    PeerCredentials peer = UnixSocket.peerCredentials(server);
    assertEquals(ProcessHandle.current().pid(), peer.pid());
    assertEquals(Files.getAttribute(path, "unix:uid"), peer.uid());
    try (var files = Files.list(directory)) {
      assertEquals(1, files.count());
    }
    for (int fd : new int[] {listener, client, server}) {
      FileDescriptors.close(fd);
    }
  }

  @Test
  void replacesAStaleSocketButNotALiveOneAndNoFile() throws Exception {
    Path path = directory.resolve("guest.sock");
    int dead = UnixSocket.listen(path, 0600, 1);
    FileDescriptors.close(dead);
    int live = UnixSocket.listen(path, 0600, 1);
    assertEquals("rw-------", mode(path));
    LinuxException e = assertThrows(LinuxException.class, () -> UnixSocket.listen(path, 0600, 1));
    assertEquals(Errno.EADDRINUSE, e.errno());
    assertTrue(e.getMessage().contains("another process listens there"), e.getMessage());
    FileDescriptors.close(live);
    Path file = Files.writeString(directory.resolve("file"), "precious");
    e = assertThrows(LinuxException.class, () -> UnixSocket.listen(file, 0600, 1));
    assertTrue(e.getMessage().contains("not a socket"), e.getMessage());
    assertEquals("precious", Files.readString(file));
  }

  @Test
  void aPathTooLongIsSaidSo() throws Exception {
    Path path = directory.resolve("x".repeat(120));
    LinuxException e = assertThrows(LinuxException.class, () -> UnixSocket.listen(path, 0600, 1));
    assertTrue(e.getMessage().startsWith("socket path too long: "), e.getMessage());
    assertThrows(LinuxException.class, () -> UnixSocket.connect(path));
    Path nowhere = directory.resolve("missing").resolve("s");
    e = assertThrows(LinuxException.class, () -> UnixSocket.listen(nowhere, 0600, 1));
    assertEquals(Errno.ENOENT, e.errno());
    e = assertThrows(LinuxException.class, () -> UnixSocket.connect(nowhere));
    assertEquals("connect to " + nowhere + ": No such file or directory (ENOENT)", e.getMessage());
  }

  @Test
  void descriptorsTravelAndSurplusOnesAreClosed() throws Exception {
    int[] pair = UnixSocket.pair();
    int bell = EventFd.create();
    int[] many = {bell, bell, bell, bell, bell};
    ReceivedFds received = new ReceivedFds(3);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom("hello");
      MemorySegment in = arena.allocate(64);
      long before = openFiles();
      assertEquals(6, UnixSocket.sendWithFds(pair[0], text.address(), 6, many, 5));
      assertEquals(6, UnixSocket.receiveWithFds(pair[1], in.address(), 64, received));
      assertEquals("hello", in.getString(0));
      assertEquals(3, received.count());
      assertEquals(2, received.surplus());
      assertFalse(received.truncated());
      assertFalse(received.isComplete());
      assertEquals(before + 3, openFiles());
      int taken = received.take(1);
      assertEquals(-1, received.take(1));
      assertEquals(FileDescriptors.Kind.EVENTFD, FileDescriptors.kind(taken));

      assertEquals(6, UnixSocket.sendWithFds(pair[0], text.address(), 6, many, 0));
      assertEquals(6, UnixSocket.receiveWithFds(pair[1], in.address(), 64, received));
      assertEquals(0, received.count());
      assertEquals(before + 1, openFiles(), "the next receive closes what was left");
      FileDescriptors.close(taken);

      FileDescriptors.setNonBlocking(pair[1]);
      assertEquals(-Errno.EAGAIN, UnixSocket.receiveWithFds(pair[1], in.address(), 64, received));
      FileDescriptors.close(pair[0]);
      assertEquals(0, UnixSocket.receiveWithFds(pair[1], in.address(), 64, received));
      assertEquals(-Errno.EPIPE, UnixSocket.sendWithFds(pair[1], text.address(), 6, many, 1));
    }
    FileDescriptors.close(pair[1]);
    FileDescriptors.close(bell);
  }

  @Test
  void asManyDescriptorsAsTheKernelTakes() throws Exception {
    int[] pair = UnixSocket.pair();
    int bell = EventFd.create();
    int[] many = new int[254];
    Arrays.fill(many, bell);
    ReceivedFds received = new ReceivedFds(8);
    long before = openFiles();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(64);
      assertEquals(-Errno.EINVAL, UnixSocket.sendWithFds(pair[0], text.address(), 1, many, 254));
      assertEquals(1, UnixSocket.sendWithFds(pair[0], text.address(), 1, many, 253));
      assertEquals(1, UnixSocket.receiveWithFds(pair[1], text.address(), 64, received));
    }
    assertEquals(8, received.count());
    assertEquals(245, received.surplus());
    received.closeAll();
    assertEquals(before, openFiles());
    for (int fd : new int[] {pair[0], pair[1], bell}) {
      FileDescriptors.close(fd);
    }
  }

  @Test
  void descriptorsLostForWantOfRoomAreReported() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process child =
        new ProcessBuilder(
                "bash",
                "-c",
                "ulimit -n 100; exec \"$0\" \"$@\"",
                java,
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                Crowded.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), UTF_8);
    assertEquals("received 2 truncated true complete false", output.trim());
    assertEquals(0, child.waitFor());
  }

  /** A process that has two free descriptors left when three arrive. */
  static final class Crowded {
    public static void main(String[] arguments) throws Exception {
      int[] pair = UnixSocket.pair();
      ReceivedFds received = new ReceivedFds(8);
      List<Integer> bells = new ArrayList<>();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocate(8);
        // A class that is not loaded yet can't be when the descriptors have run out.
        LinuxException _ = new LinuxException("rehearsal", Errno.EMFILE);
        UnixSocket.sendWithFds(pair[0], text.address(), 1, pair, 1);
        UnixSocket.receiveWithFds(pair[1], text.address(), 8, received);
        received.closeAll();
        report(received);
        try {
          while (true) {
            bells.add(EventFd.create());
          }
        } catch (LinuxException e) {
          FileDescriptors.close(bells.removeLast());
          FileDescriptors.close(bells.removeLast());
        }
        int[] three = {pair[0], pair[0], pair[0]};
        UnixSocket.sendWithFds(pair[0], text.address(), 1, three, 3);
        UnixSocket.receiveWithFds(pair[1], text.address(), 8, received);
        String line = report(received);
        received.closeAll();
        System.out.println(line);
      }
    }

    private static String report(ReceivedFds received) {
      return "received %d truncated %b complete %b"
          .formatted(received.count(), received.truncated(), received.isComplete());
    }
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static long openFiles() throws Exception {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
