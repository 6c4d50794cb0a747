package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Requests that no front-end of another make sends us, byte by byte as the vhost-user specification
 * writes them: so that a mistake of ours is not made twice, here and in our driver. {@code
 * docs/frontends.md} says which these are.
 *
 * <p>A message is request, flags (1: version; 4: a reply; 8: one is wanted) and size of the
 * payload, four bytes each, then the payload; all numbers begin with their lowest byte.
 */
class SpecificationBytesTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String NOTHING = "0000000000000000";

  private TestHost host;
  private VhostUserFrontend vmm;

  @BeforeEach
  void agree() throws Exception {
    host = new TestHost();
    host.engine.attach(host.spec(1));
    vmm = host.connect(1);
    // SET_FEATURES: VERSION_1 and PROTOCOL_FEATURES
    send("02000000 01000000 08000000 0000004001000000");
    // SET_PROTOCOL_FEATURES: REPLY_ACK, CONFIG, INFLIGHT_SHMFD, RESET_DEVICE, CONFIGURE_MEM_SLOTS
    send("10000000 01000000 08000000 08b2000000000000");
  }

  @AfterEach
  void end() throws Exception {
    vmm.close();
    host.close();
  }

  private void send(String hex, int... fds) throws IOException {
    vmm.channel().sendRaw(HEX.parseHex(hex.replace(" ", "")), fds);
  }

  private void assertReply(String hex) throws IOException {
    VhostUserMessage reply = vmm.channel().receive();
    byte[] payload = new byte[reply.payload().remaining()];
    reply.payload().get(payload);
    byte[] all = VhostUserMessage.bytes(reply.request(), reply.flags(), payload.length, payload);
    assertEquals(hex.replace(" ", ""), HEX.formatHex(all));
  }

  @Test
  void resetOwner() throws Exception {
    // RESET_OWNER
    send("04000000 09000000 00000000");
    assertReply("04000000 05000000 08000000" + NOTHING);
  }

  @Test
  void resetDevice() throws Exception {
    // RESET_DEVICE
    send("22000000 09000000 00000000");
    assertReply("22000000 05000000 08000000" + NOTHING);
  }

  @Test
  void theConfigurationSpaceIsNotForWriting() throws Exception {
    // SET_CONFIG: offset 0, size 6, flags 0, and a MAC address; anything but 0 says: failed
    send("19000000 09000000 12000000 00000000 06000000 00000000 020000000001");
    assertReply("19000000 05000000 08000000 0100000000000000");
  }

  @Test
  void memoryRegionsComeAndGo() throws Exception {
    int file = MemoryFile.create("region", 0x3000);
    try {
      String place = NOTHING + "0000100000000000 {size} 0000200000000000 0010000000000000";
      String one = place.replace("{size}", "0010000000000000");
      String two = place.replace("{size}", "0020000000000000");
      // ADD_MEM_REG: padding, guest address, size, user address, offset in the file
      send("25000000 09000000 28000000" + one, file);
      assertReply("25000000 05000000 08000000" + NOTHING);
      // REM_MEM_REG: the same; the file need not come
      send("26000000 09000000 28000000" + one);
      assertReply("26000000 05000000 08000000" + NOTHING);
      // It would overlap the first one if that were still there.
      send("25000000 09000000 28000000" + two, file);
      assertReply("25000000 05000000 08000000" + NOTHING);
    } finally {
      FileDescriptors.close(file);
    }
  }

  @Test
  void theInflightFileIsGivenAndTakenBack() throws Exception {
    // GET_INFLIGHT_FD: size 0, offset 0, 2 queues of 256, padding
    send("1f000000 01000000 18000000" + NOTHING + NOTHING + "0200 0001 00000000");
    VhostUserMessage answer = vmm.channel().receive();
    assertEquals(0x1f, answer.request());
    assertEquals(5, answer.flags());
    assertEquals(24, answer.payload().remaining());
    long size = answer.payload().getLong(0);
    // Each queue has 16 bytes, and 16 more for each descriptor.
    assertTrue(size >= 2 * (16 + 16 * 256), size + " bytes");
    assertEquals(0, answer.payload().getLong(8));
    assertEquals(2, answer.payload().getShort(16));
    assertEquals(256, answer.payload().getShort(18));
    assertEquals(1, answer.fds().length);
    int file = answer.fds()[0];
    try {
      assertTrue(MemoryFile.size(file) >= size);
      // SET_INFLIGHT_FD: what the answer said
      String sizeHex = HEX.toHexDigits(Long.reverseBytes(size));
      send("20000000 09000000 18000000" + sizeHex + NOTHING + "0200 0001 00000000", file);
      assertReply("20000000 05000000 08000000" + NOTHING);
    } finally {
      FileDescriptors.close(file);
    }
  }
}
