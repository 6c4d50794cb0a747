package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.guest.vhost.VhostUserRequest;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.MemoryFile;
import dev.outboard.linux.UnixSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A VMM's session: start, stop, table changes, end, and the next one. */
class SessionTest {
  private static FrameTemplate frames() {
    return FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 300).withContent();
  }

  private static void assertFramesPass(VhostUserGuest a, VhostUserGuest b, int count) {
    FrameTemplate template = frames();
    FrameCheck check = new FrameCheck(template);
    TestHost.stream(a, b, template, check, count, 64);
    assertEquals(count, check.frames());
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }

  @Test
  void aSecondConnectionIsRefusedAndTheFirstGoesOn() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      try (VhostUserFrontend second = host.connect(2)) {
        assertTrue(second.channel().awaitClose());
      }
      assertTrue(host.status("g2").note().contains("second connection"));
      assertFramesPass(a, b, 1_000);
    }
  }

  @Test
  void aStoppedGuestGoesOnWhereItStood() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      assertFramesPass(a, b, 777);
      int[] bases = b.stop();
      assertEquals(777 & 0xffff, bases[0]);
      assertEquals(0, bases[1]);
      assertEquals(GuestStatus.State.CONNECTED, host.status("g2").state());
      b.resume(bases);
      TestHost.await(() -> host.status("g2").state() == GuestStatus.State.RUNNING);
      assertFramesPass(a, b, 777);
    }
  }

  @Test
  void aNewConnectionGoesOnFromTheUsedRing() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      assertFramesPass(a, b, 500);
      b.frontend().close();
      TestHost.await(() -> host.status("g2").state() == GuestStatus.State.WAITING);
      b.reconnect(host.connect(2));
      TestHost.await(() -> host.status("g2").state() == GuestStatus.State.RUNNING);
      assertFramesPass(a, b, 500);
    }
  }

  @Test
  void theMemoryTableMayBeSetAgainUnderLoad() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      CompletableFuture<Void> load =
          CompletableFuture.runAsync(() -> assertFramesPass(a, b, 100_000));
      int times = 0;
      while (!load.isDone()) {
        a.frontend().setMemTable(a.driver().memory().regions());
        times++;
      }
      load.join();
      assertTrue(times > 5, times + " tables");
    }
  }

  @Test
  void manyMessagesOfOneVmmDoNotKeepAnotherWaiting() throws Exception {
    byte[] many = new byte[4_096 * VhostUserMessage.HEADER_SIZE];
    byte[] nothing = new byte[0];
    byte[] one =
        VhostUserMessage.bytes(
            VhostUserRequest.SET_OWNER.number(), VhostUserMessage.VERSION, 0, nothing);
    for (int i = 0; i < many.length; i++) {
      many[i] = one[i % one.length];
    }
    try (TestHost host = new TestHost();
        Epoll answered = new Epoll()) {
      host.engine.attach(host.spec(1));
      host.engine.attach(host.spec(2));
      try (VhostUserFrontend talker = host.connect(1);
          VhostUserFrontend other = host.connect(2)) {
        answered.add(talker.channel().fd(), Epoll.IN, 0);
        boolean overtaken = false;
        for (int i = 0; i < 20 && !overtaken; i++) {
          talker.channel().sendRaw(many);
          talker.channel().send(VhostUserRequest.GET_FEATURES, 0, nothing);
          assertTrue(other.getFeatures() != 0);
          overtaken = answered.await(0) == 0;
          assertEquals(
              VhostUserRequest.GET_FEATURES.number(), talker.channel().receive().request());
        }
        assertTrue(overtaken);
      }
    }
  }

  @Test
  void aVmmCannotTakeTheAddressesOfAll() throws Exception {
    long size = 5L << 40;
    try (TestHost host = new TestHost()) {
      host.engine.attach(host.spec(1));
      int fd = MemoryFile.create("holes", size);
      try (VhostUserFrontend vmm = host.connect(1)) {
        vmm.setMemTable(List.of(new MemoryRegion(0, size, size, 0, fd)));
        assertTrue(vmm.channel().awaitClose());
      } finally {
        FileDescriptors.close(fd);
      }
      TestHost.await(() -> host.status("g1").note().contains("more than 4 TiB"));
    }
  }

  /** QEMU 7.2 does both where there are several queue pairs. */
  @Test
  void aRegionMayBeAddedAndRemovedMoreThanOnce() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      MemoryRegion region = b.driver().memory().regions().getFirst();
      b.frontend().addMemReg(region);
      assertFramesPass(a, b, 100);
      b.frontend().remMemReg(region);
      b.frontend().remMemReg(region);
      b.frontend().addMemReg(region);
      assertFramesPass(a, b, 100);
    }
  }

  /** As UML's does while its driver is being unloaded. */
  @Test
  void aCallSocketWhoseOtherEndHasGoneIsNoReasonToEnd() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      int[] pair = UnixSocket.pair();
      b.frontend().setVringCall(VirtioNetDriver.RX, pair[0]);
      FileDescriptors.close(pair[0]);
      FileDescriptors.close(pair[1]);
      FrameTemplate template = frames();
      FrameCheck check = new FrameCheck(template);
      for (int i = 0; i < 100; i++) {
        b.await(0); // It asks to be called.
        a.send(template, i, 1);
        TestHost.receive(b, check, i + 1);
      }
      assertEquals(100, check.frames());
      assertEquals(GuestStatus.State.RUNNING, host.status("g2").state());
    }
  }

  /** UML's driver does so when it is unloaded. */
  @Test
  void aRingThatIsSwitchedOffMayBeWrittenOver() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      assertFramesPass(a, b, 100);
      a.frontend().setVringEnable(VirtioNetDriver.TX, false);
      RawRing ring = RawRing.of(a.driver().ring(VirtioNetDriver.TX));
      int index = ring.availableIndex();
      ring.availableIndex(index - 1);
      for (int i = 0; i < 20; i++) {
        a.frontend().setVringEnable(VirtioNetDriver.RX, true);
        long _ = EventFd.signal(a.kickFd(VirtioNetDriver.TX));
      }
      assertEquals(GuestStatus.State.RUNNING, host.status("g1").state());
      ring.availableIndex(index);
      a.frontend().setVringEnable(VirtioNetDriver.TX, true);
      assertFramesPass(a, b, 100);
    }
  }

  @Test
  void twoRegionsAreTranslatedEachByItsOwnAddresses() throws Exception {
    try (TestHost host = new TestHost()) {
      GuestOptions options =
          GuestOptions.DEFAULT.withMemory(new GuestMemory.Options(2, false, true));
      VhostUserGuest a = host.start(host.spec(1), options);
      VhostUserGuest b = host.start(host.spec(2), options);
      assertFramesPass(a, b, 2_000);
    }
  }

  @Test
  void theVmmMayListenAndWeConnect() throws Exception {
    Path directory = Files.createTempDirectory("outboard-role");
    Path path = directory.resolve("vmm.sock");
    try (TestHost host = new TestHost()) {
      GuestSpec one = host.spec(1);
      host.engine.attach(
          new GuestSpec(
              one.id(),
              one.tenant(),
              one.network(),
              one.mac(),
              one.addresses(),
              new GuestSocket(path, GuestSocket.Role.CLIENT, 0),
              one.mtu(),
              one.uplink(),
              true));
      VhostUserGuest b = host.start(2);
      try (VhostUserGuest a =
          VhostUserGuest.start(
              "vmm",
              GuestOptions.DEFAULT,
              VhostUserFrontend.accept(path, Duration.ofSeconds(10)))) {
        TestHost.await(() -> host.status("g1").state() == GuestStatus.State.RUNNING);
        assertFramesPass(a, b, 1_000);
      }
      TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
    } finally {
      Files.deleteIfExists(path);
      Files.delete(directory);
    }
  }

  @Test
  void theConfigurationSpaceHoldsTheDeclaredMac() throws Exception {
    try (TestHost host = new TestHost()) {
      host.engine.attach(host.spec(9));
      try (VhostUserFrontend vmm = host.connect(9)) {
        vmm.setOwner();
        vmm.setProtocolFeatures(vmm.getProtocolFeatures() & (1L << 9));
        byte[] mac = vmm.getConfig(0, 6);
        assertArrayEquals(new byte[] {0x52, 0x54, 0, 0, 0, 9}, mac);
        assertEquals(1, vmm.getConfig(6, 2)[0], "link is up");
        assertEquals(60, vmm.getConfig(0, 60).length);
        assertArrayEquals(Arrays.copyOfRange(mac, 2, 6), vmm.getConfig(2, 4));
      }
    }
  }

  @Test
  void attachSaysWhatIsTaken() throws Exception {
    try (TestHost host = new TestHost()) {
      host.engine.attach(host.spec(1));
      GuestSpec one = host.spec(1);
      GuestSpec two = host.spec(2);
      assertMessage("guest 'g1' is attached already", host, one);
      assertMessage(
          "guest 'g2': MAC address 52:54:00:00:00:01 is taken in network 7 by guest 'g1'",
          host,
          new GuestSpec(
              "g2", "acme", 7, one.mac(), two.addresses(), two.socket(), 1500, two.uplink(), true));
      assertMessage(
          "guest 'g2': one of its IP addresses is taken in network 7 by guest 'g1'",
          host,
          new GuestSpec(
              "g2", "acme", 7, two.mac(), one.addresses(), two.socket(), 1500, two.uplink(), true));
      assertMessage(
          "guest 'g2': unknown uplink 'nowhere', known are: none",
          host,
          new GuestSpec(
              "g2",
              "acme",
              7,
              two.mac(),
              two.addresses(),
              two.socket(),
              1500,
              java.util.Optional.of("nowhere"),
              true));
    }
  }

  private static void assertMessage(String message, TestHost host, GuestSpec spec) {
    EngineException e = assertThrows(EngineException.class, () -> host.engine.attach(spec));
    assertEquals(message, e.getMessage());
  }

  @Test
  void theSocketFileIsGoneAfterDetach() throws Exception {
    try (TestHost host = new TestHost()) {
      host.start(1);
      assertTrue(Files.exists(host.socket(1)));
      host.engine.detach("g1");
      assertTrue(Files.notExists(host.socket(1)));
    }
  }
}
