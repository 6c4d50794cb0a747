package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a front-end may do that looks odd, and what it leaves behind. Those that break the protocol
 * are rows of {@link HostileMatrixTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtocolTest {
  private static final int VERSION = 1;

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

  private static byte[] message(int request, int flags, int size, long... payload) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * payload.length).order(ByteOrder.nativeOrder());
    for (long word : payload) {
      bytes.putLong(word);
    }
    return VhostUserMessage.bytes(request, flags, size, bytes.array());
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
    TestHost.await(() -> openFiles() <= before + 3);
  }

  private static long openFiles() {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
