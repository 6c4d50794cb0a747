package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.VirtioNet;
import dev.outboard.guest.vhost.VhostUserException;
import dev.outboard.guest.vhost.VhostUserFeatures;
import dev.outboard.guest.vhost.VhostUserFrontend;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each kind of front-end is offered, where they differ. */
class FrontendTest {
  private TestHost host;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost();
  }

  @AfterEach
  void stop() throws IOException {
    host.close();
  }

  private VhostUserFrontend connect(Frontend frontend, int pairs) throws Exception {
    host.engine.attach(host.spec(1, frontend, pairs));
    return host.connect(1);
  }

  @ParameterizedTest
  @CsvSource({
    "GENERIC,          1, 2, no,  no,  yes, yes",
    "GENERIC,          4, 8, no,  yes, yes, yes",
    "QEMU,             1, 1, yes, yes, no,  yes",
    "QEMU,             4, 4, yes, yes, no,  yes",
    "CLOUD_HYPERVISOR, 4, 8, no,  yes, no,  no",
    "CROSVM,           4, 9, yes, yes, yes, yes",
    "LIBKRUN,          1, 3, yes, yes, yes, yes",
    "UML,              1, 3, yes, yes, yes, yes",
    "VIRTIO_USER,      2, 2, no,  yes, no,  yes"
  })
  void isOfferedWhatItUnderstands(
      Frontend frontend,
      int pairs,
      int queueNumber,
      String mtu,
      String control,
      String config,
      String inflight)
      throws Exception {
    try (VhostUserFrontend vmm = connect(frontend, pairs)) {
      long features = vmm.getFeatures();
      long protocol = vmm.getProtocolFeatures();
      assertEquals(mtu.equals("yes"), (features & VirtioNet.MTU) != 0, "MTU");
      assertEquals(control.equals("yes"), (features & VirtioNet.CTRL_VQ) != 0, "CTRL_VQ");
      assertEquals(pairs > 1, (features & VirtioNet.MQ) != 0, "MQ");
      assertTrue((features & VirtioNet.IN_ORDER) != 0, "IN_ORDER");
      assertEquals(config.equals("yes"), (protocol & VhostUserFeatures.CONFIG) != 0, "CONFIG");
      assertEquals(
          inflight.equals("yes"), (protocol & VhostUserFeatures.INFLIGHT_SHMFD) != 0, "INFLIGHT");
      assertEquals(queueNumber, vmm.getQueueNum());
    }
  }

  @Test
  void theConfigurationSpaceHoldsAddressPairsAndMtu() throws Exception {
    try (VhostUserFrontend vmm = connect(Frontend.CROSVM, 2)) {
      byte[] expected = {0x52, 0x54, 0, 0, 0, 1, 1, 0, 2, 0, (byte) 0xdc, 5};
      assertArrayEquals(expected, vmm.getConfig(0, 12));
      assertArrayEquals(new byte[] {2, 0}, vmm.getConfig(8, 2));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Frontend.class,
      names = {"GENERIC", "QEMU"})
  void theRightMtuIsTaken(Frontend frontend) throws Exception {
    try (VhostUserFrontend vmm = connect(frontend, 1)) {
      agree(vmm);
      vmm.netSetMtu(1500);
      assertEquals("", host.status("g1").note());
    }
  }

  @Test
  void aWrongMtuIsRefusedWithTheRightOneAndTheSessionGoesOn() throws Exception {
    try (VhostUserFrontend vmm = connect(Frontend.QEMU, 1)) {
      agree(vmm);
      assertThrows(VhostUserException.class, () -> vmm.netSetMtu(9000));
      assertEquals(
          "the VMM shows its guest an MTU of 9000, the network has 1500:"
              + " give the VMM host_mtu=1500",
          host.status("g1").note());
      vmm.netSetMtu(1500);
    }
  }

  @Test
  void withoutAcknowledgementsAWrongMtuEndsTheSession() throws Exception {
    try (VhostUserFrontend vmm = connect(Frontend.QEMU, 1)) {
      vmm.netSetMtu(9000);
      TestHost.await(() -> host.status("g1").note().contains("host_mtu=1500"));
      TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
    }
  }

  private static void agree(VhostUserFrontend vmm) throws IOException {
    vmm.setOwner();
    vmm.setProtocolFeatures(vmm.getProtocolFeatures());
    vmm.requireReplies(true);
  }
}
