package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.outboard.spi.Availability;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that both have DPDK exchange frames by the memory of {@code net_memif}. */
class MemifTest {
  static final int NETWORK = 7;
  private static final int[] LENGTHS = {14, 60, 61, 590, 1514};

  @TempDir private Path directory;

  @BeforeEach
  void dpdkIsThere() {
    Availability availability = new DpdkProvider().probe();
    Assumptions.assumeTrue(
        availability.usable(), availability.reason() + "; " + availability.remedy());
  }

  @Test
  void framesGoToAnotherProcessAndComeBack() throws Exception {
    String socket = directory.resolve("memif.sock").toString();
    try (TestHost host = TestHost.open(settings("server", socket))) {
      int hop = host.transport.openPeer(NETWORK, Vlans.WIRE).number();
      host.bind();
      Process peer =
          new ProcessBuilder(
                  Commands.java(
                      System.getProperty("java.class.path"),
                      MemifPeer.class,
                      settings("client", socket)))
              .inheritIO()
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .start();
      try {
        Random random = new Random(1);
        for (int length : LENGTHS) {
          byte[] frame = new byte[length];
          random.nextBytes(frame);
          frame[12] = 0x08; // no VLAN tag
          frame[13] = 0x00;
          host.sendSurely(NETWORK, hop, frame);
          assertArrayEquals(frame, host.await(_ -> true).toArray());
        }
      } finally {
        peer.destroyForcibly().waitFor();
      }
    }
  }

  private static String[] settings(String role, String socket) {
    return new String[] {
      "device=net_memif0,role=%s,id=0,socket=%s,socket-abstract=no".formatted(role, socket),
      "untagged=" + NETWORK
    };
  }
}
