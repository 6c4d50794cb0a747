package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.guest.MultiQueueGuest;
import dev.outboard.guest.MultiQueueGuest.Handover;
import dev.outboard.guest.VirtioNet;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The control queue, where the front-end leaves it to us (virtio 1.2, section 5.1.6.5). */
class ControlQueueTest {
  private static final int DONE = 0;
  private static final int REFUSED = 1;
  private static final long FEATURES =
      VirtioNet.VERSION_1
          | VirtioNet.CTRL_VQ
          | VirtioNet.CTRL_RX
          | VirtioNet.CTRL_MAC_ADDR
          | VirtioNet.GUEST_ANNOUNCE;

  private TestHost host;
  private MultiQueueGuest guest;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost();
    host.engine.attach(host.spec(1, Frontend.UML, 1));
    guest = new MultiQueueGuest("g1", 1, FEATURES, Handover.TABLE, host.connect(1));
  }

  @AfterEach
  void stop() throws IOException {
    guest.close();
    host.close();
  }

  private static byte[] bytes(String hex) {
    return hex == null ? new byte[0] : java.util.HexFormat.ofDelimiter(" ").parseHex(hex);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "promiscuous on,           0, 0, 01,                0",
    "all multicast off,        0, 1, 00,                0",
    "a mode without its byte,  0, 0, ,                  1",
    "MAC filter table,         1, 0, 00 00 00 00,       0",
    "its own address,          1, 1, 52 54 00 00 00 01, 0",
    "another address,          1, 1, 52 54 00 00 00 02, 1",
    "half an address,          1, 1, 52 54 00,          1",
    "a VLAN,                   2, 0, 05 00,             1",
    "announced,                3, 0, ,                  0",
    "pairs without MQ,         4, 0, 01 00,             1",
    "offloads not offered,     5, 0, 00 00 00 00 00 00 00 00, 1",
    "a class of no meaning,   77, 0, ,                  1"
  })
  void aCommandGetsItsAnswer(String what, int commandClass, int command, String data, int answer) {
    assertEquals(answer, guest.command(commandClass, command, bytes(data)), what);
  }

  @Test
  void manyCommandsInARowAreAllServed() {
    for (int i = 0; i < 500; i++) {
      assertEquals(i % 2 == 0 ? DONE : REFUSED, guest.command(i % 2 == 0 ? 0 : 2, 0, (byte) 1));
    }
  }
}
