package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.MultiQueueGuest;
import dev.outboard.guest.MultiQueueGuest.Handover;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserChannel;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.MemoryFile;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reset, device status, memory slots and the back-end's own requests, byte for byte. */
class DeviceStateTest {
  private static final long ACKNOWLEDGE_DRIVER_OK = 1 | 2 | 8 | 4;
  private static final long SECOND = 1_000_000_000L;

  private TestHost host;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost();
  }

  @AfterEach
  void stop() throws IOException {
    host.close();
  }

  private static byte[] frame() {
    return Frames.ethernet(
        TestHost.endpoint(2).mac(), TestHost.endpoint(1).mac(), Frames.TYPE_TEST, new byte[100]);
  }

  private void assertFramesPass(VhostUserGuest from, VhostUserGuest to) {
    assertTrue(from.sendFrame(frame()));
    assertNotNull(to.receiveBytes(5 * SECOND));
  }

  @Test
  void statusIsKeptAndZeroStopsTheDevice() throws Exception {
    VhostUserGuest a = host.start(1);
    VhostUserGuest b = host.start(2);
    assertFramesPass(a, b);
    b.frontend().setStatus(ACKNOWLEDGE_DRIVER_OK);
    assertEquals(ACKNOWLEDGE_DRIVER_OK, b.frontend().getStatus());
    assertFramesPass(a, b);
    b.frontend().setStatus(0);
    assertEquals(0, b.frontend().getStatus());
    assertTrue(a.sendFrame(frame()));
    TestHost.await(() -> host.drops(1).getOrDefault("destination-down", 0L) == 1);
  }

  @Test
  void resetDeviceStopsItAndTheDriverCanStartAnew() throws Exception {
    VhostUserGuest a = host.start(1);
    VhostUserGuest b = host.start(2);
    assertFramesPass(a, b);
    int[] bases = b.stop();
    b.frontend().resetDevice();
    b.frontend().setFeatures(b.driver().features());
    b.resume(bases);
    assertFramesPass(a, b);
  }

  @Test
  void memoryMayBeManyRegionsAndAllOfThemAreFound() throws Exception {
    VhostUserGuest b = host.start(2);
    host.engine.attach(host.spec(1));
    try (MultiQueueGuest a =
        new MultiQueueGuest("g1", 1, VirtioNet.VERSION_1, Handover.SLOTS, host.connect(1))) {
      TestHost.await(() -> host.status("g1").state() == GuestStatus.State.RUNNING);
      int slots = (int) a.frontend().getMaxMemSlots();
      assertTrue(slots >= 64, slots + " slots");
      int file = MemoryFile.create("slots", 4096L * slots);
      int more = slots - a.memory().regions().size();
      for (int i = 0; i < more; i++) {
        a.frontend().addMemReg(region(i, file));
      }
      assertTrue(a.send(0, frame()));
      assertNotNull(b.receiveBytes(5 * SECOND));
      for (int i = 0; i < more; i += 2) {
        a.frontend().remMemReg(region(i, file));
      }
      a.frontend().addMemReg(region(0, file));
      assertTrue(a.send(0, frame()));
      assertNotNull(b.receiveBytes(5 * SECOND));
      a.frontend().remMemReg(region(2, file)); // Once more, as QEMU 7.2 does for its second queue.
      assertTrue(a.send(0, frame()));
      assertNotNull(b.receiveBytes(5 * SECOND));
      FileDescriptors.close(file);
    }
  }

  private static MemoryRegion region(int i, int file) {
    return new MemoryRegion(
        0x100_0000_0000L + 0x10000L * i, 4096, 0x5000_0000_0000L + 0x20000L * i, 4096L * i, file);
  }

  @Test
  void aRegionMoreThanThereAreSlotsEndsTheSession() throws Exception {
    host.engine.attach(host.spec(1));
    try (VhostUserFrontend vmm = host.connect(1)) {
      int slots = (int) vmm.getMaxMemSlots();
      int file = MemoryFile.create("slots", 4096L * (slots + 1));
      for (int i = 0; i <= slots; i++) {
        vmm.addMemReg(region(i, file));
      }
      FileDescriptors.close(file);
      TestHost.await(() -> host.status("g1").note().equals("more than 509 memory regions"));
    }
  }

  @Test
  void aDriverThatRanElsewhereIsAskedToAnnounceItself() throws Exception {
    GuestSpec spec = host.spec(2, Frontend.CROSVM, 1);
    long features = VirtioNet.USUAL | VirtioNet.STATUS | VirtioNet.CTRL_VQ;
    VhostUserGuest a = host.start(1);
    VhostUserGuest b =
        host.start(spec, GuestOptions.DEFAULT.withFeatures(features | VirtioNet.GUEST_ANNOUNCE));
    assertFramesPass(a, b);
    assertEquals(1, b.frontend().getConfig(6, 1)[0], "link up");
    b.frontend().close();
    TestHost.await(() -> host.status("g2").state() == GuestStatus.State.WAITING);
    int[] channel = UnixSocket.pair();
    VhostUserFrontend again = host.connect(2);
    again.setBackendReqFd(channel[0]);
    b.reconnect(again);
    assertEquals(1 | 2, again.getConfig(6, 1)[0], "link up, announce");
    try (VhostUserChannel ours = new VhostUserChannel(channel[1], Duration.ofSeconds(5))) {
      VhostUserMessage message = ours.receive();
      assertEquals(2, message.request(), "configuration changed");
    }
    FileDescriptors.close(channel[0]);
    assertFramesPass(a, b);
  }

  @Test
  void theChannelForOurRequestsMustBeASocket() throws Exception {
    host.engine.attach(host.spec(1));
    int[] pair = UnixSocket.pair();
    int file = MemoryFile.create("no-socket", 4096);
    try (VhostUserFrontend vmm = host.connect(1)) {
      vmm.setBackendReqFd(pair[0]);
      vmm.setBackendReqFd(file);
      TestHost.await(
          () ->
              host.status("g1")
                  .note()
                  .equals("the back-end request fd must be a Unix stream socket"));
    }
    FileDescriptors.close(pair[0]);
    FileDescriptors.close(pair[1]);
    FileDescriptors.close(file);
  }
}
