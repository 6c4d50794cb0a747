package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A front-end that breaks the protocol loses its session, with the reason, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtocolTest {
  private static final int VERSION = 1;
  private static final int MIB = 1 << 20;

  private TestHost host;

  @BeforeAll
  void start() throws Exception {
    host = new TestHost();
    host.engine.attach(host.spec(1));
  }

  @AfterAll
  void stop() throws Exception {
    host.close();
  }

  private interface Lie {
    void tell(VhostUserFrontend vmm) throws IOException;
  }

  private static Lie raw(int request, int flags, int size, long... payload) {
    return vmm -> vmm.channel().sendRaw(message(request, flags, size, payload));
  }

  private static byte[] message(int request, int flags, int size, long... payload) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * payload.length).order(ByteOrder.nativeOrder());
    for (long word : payload) {
      bytes.putLong(word);
    }
    return VhostUserMessage.bytes(request, flags, size, bytes.array());
  }

  private static Lie withFd(int request, int size, long payload, int fds) {
    return vmm -> {
      int fd = EventFd.create();
      int[] all = new int[fds];
      Arrays.fill(all, fd);
      vmm.channel().sendRaw(message(request, VERSION, size, payload), all);
      FileDescriptors.close(fd);
    };
  }

  private static Lie table(MemoryRegion... regions) {
    return vmm -> vmm.setMemTable(List.of(regions));
  }

  private static int file() throws IOException {
    return MemoryFile.create("lie", 4 * MIB);
  }

  private static Stream<Arguments> lies() throws IOException {
    int file = file();
    return Stream.of(
        Arguments.of("request 0", raw(0, VERSION, 0), "request 0 is not served"),
        Arguments.of("request 4711", raw(4711, VERSION, 0), "request 4711 is not served"),
        Arguments.of("version 2", raw(1, 2, 0), "a message with flags 0x2"),
        Arguments.of("a reply nobody asked for", raw(1, VERSION | 4, 0), "flags 0x5"),
        Arguments.of("a size of 1 GiB", raw(2, VERSION, 1 << 30), "a message of 1073741824 bytes"),
        Arguments.of("a negative size", raw(2, VERSION, -1), "a message of 4294967295 bytes"),
        Arguments.of("SET_FEATURES cut short", raw(2, VERSION, 0), "SET_FEATURES with 0 bytes"),
        Arguments.of(
            "SET_FEATURES too long", raw(2, VERSION, 16, 0, 0), "SET_FEATURES with 16 bytes"),
        Arguments.of(
            "features not offered", raw(2, VERSION, 8, 1L << 34), "features were not offered"),
        Arguments.of("protocol features not offered", raw(16, VERSION, 8, 1L << 40), "not offered"),
        Arguments.of("virtqueue 2", raw(8, VERSION, 8, 2), "virtqueue 2, there are 2"),
        Arguments.of("virtqueue -1", raw(8, VERSION, 8, -1), "virtqueue -1, there are 2"),
        Arguments.of("an fd where none is due", withFd(2, 8, 0, 1), "file descriptors it must not"),
        Arguments.of("two kick fds", withFd(12, 8, 0, 2), "file descriptors it must not"),
        Arguments.of("no kick fd", raw(12, VERSION, 8, 0), "flags and file descriptors disagree"),
        Arguments.of(
            "a kick fd that is said not to be there",
            withFd(12, 8, 1 << 8, 1),
            "flags and file descriptors disagree"),
        Arguments.of(
            "a kick fd that is a file",
            (Lie) vmm -> vmm.setVringKick(0, file),
            "a kick fd must be an eventfd"),
        Arguments.of(
            "a call fd that is a file",
            (Lie) vmm -> vmm.setVringCall(0, file),
            "a call fd must be an eventfd, a pipe or a Unix stream socket"),
        Arguments.of("a table without regions", raw(5, VERSION, 8, 0), "with 0 regions"),
        Arguments.of("a table of 9 regions", raw(5, VERSION, 8, 9), "with 9 regions"),
        Arguments.of(
            "a table without files",
            raw(5, VERSION, 40, 1, 0, MIB, 0, 0),
            "1 regions with 0 files"),
        Arguments.of(
            "a region larger than its file",
            table(new MemoryRegion(0, 8 * MIB, 0x10000, 0, file)),
            "memory region at 0x0 is larger than its file"),
        Arguments.of(
            "a region that wraps round",
            table(new MemoryRegion(-4096, MIB, 0x10000, 0, file)),
            "impossible address or size"),
        Arguments.of(
            "a region of no bytes",
            table(new MemoryRegion(0, 0, 0x10000, 0, file)),
            "impossible address or size"),
        Arguments.of(
            "regions that overlap",
            table(
                new MemoryRegion(0, MIB, 0x1000000, 0, file),
                new MemoryRegion(MIB - 1, MIB, 0x9000000, 0, file)),
            "and another overlap"),
        Arguments.of(
            "a file offset that wraps round",
            table(new MemoryRegion(0, MIB, 0x10000, Long.MAX_VALUE - 5, file)),
            "impossible file offset"),
        Arguments.of(
            "a configuration read beyond its end",
            raw(24, VERSION, 16, 0x0000_0100_0000_0200L, 0),
            "GET_CONFIG with an impossible size"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void endsTheSessionWithTheReason(String what, Lie lie, String reason) throws Exception {
    try (VhostUserFrontend vmm = host.connect(1)) {
      vmm.setOwner();
      lie.tell(vmm);
      assertTrue(vmm.channel().awaitClose(), what);
    }
    TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
    String note = host.status("g1").note();
    assertTrue(note.contains(reason), what + ": " + note);
  }

  @Test
  void aMessageMayComeByteForByte() throws Exception {
    try (VhostUserFrontend vmm = host.connect(1)) {
      for (byte each : message(1, VERSION, 0)) {
        vmm.channel().sendRaw(new byte[] {each});
        Thread.sleep(1);
      }
      VhostUserMessage reply = vmm.channel().receive();
      assertEquals(1, reply.request());
    }
    TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
  }

  @Test
  void aVmmThatStopsInTheMiddleHoldsNobodyUp() throws Exception {
    try (VhostUserFrontend slow = host.connect(1)) {
      slow.channel().sendRaw(new byte[] {1, 0, 0});
      host.engine.attach(host.spec(2));
      try (VhostUserFrontend other = host.connect(2)) {
        assertTrue(other.getFeatures() != 0);
      }
      host.engine.detach("g2");
    }
    TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
  }

  @Test
  void everyMessageThatNeedsAReplyGetsOne() throws Exception {
    try (VhostUserFrontend vmm = host.connect(1)) {
      vmm.setOwner();
      vmm.setProtocolFeatures(vmm.getProtocolFeatures() & (1L << 3));
      vmm.requireReplies(true);
      vmm.setFeatures(vmm.getFeatures());
      vmm.setVringNum(0, 256);
      vmm.setVringBase(0, 0);
      vmm.setVringAddr(0, 0, 0, 0);
      vmm.setVringEnable(0, true);
      int fd = EventFd.create();
      vmm.setVringCall(0, fd);
      vmm.setVringKick(0, fd);
      vmm.setVringErr(0, fd);
      FileDescriptors.close(fd);
    }
    TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
  }

  @Test
  void nothingLeaksOverManySessions() throws Exception {
    long before = openFiles();
    for (int i = 0; i < 100; i++) {
      try (VhostUserFrontend vmm = host.connect(1)) {
        vmm.setOwner();
        int fd = EventFd.create();
        vmm.setVringCall(0, fd);
        vmm.setVringKick(1, fd);
        FileDescriptors.close(fd);
        vmm.getFeatures();
      }
      TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
    }
    assertTrue(openFiles() <= before + 3, before + " then " + openFiles());
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.count();
    }
  }
}
