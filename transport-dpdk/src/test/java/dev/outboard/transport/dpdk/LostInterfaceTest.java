package dev.outboard.transport.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.linux.Links;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An interface that is deleted under an open port: the port fails, once, for good, and says so. */
class LostInterfaceTest {
  private static final long PATIENCE = 10_000_000_000L;

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"net_af_packet", "net_af_xdp"})
  void thePortFailsForGoodWithOneLineAndTakesNoFrames(String driver) throws Exception {
    assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Namespaces.inPrivateNetwork(
        () -> {
          makePair();
          try (TestHost host = TestHost.bound("device=" + driver + "0,iface=left", "untagged=7")) {
            int hop = host.transport.openPeer(7, Vlans.WIRE).number();
            assertEquals(1, host.send(7, hop, new byte[60]));
            assertEquals(null, host.port.failure());
            String _ = Commands.run("ip", "link", "delete", "left");
            awaitFailure(host);
            String line = host.port.failure();
            assertTrue(line.endsWith("its interface left is gone"), line);
            makePair();
            for (int i = 0; i < 20; i++) {
              assertEquals(0, host.send(7, hop, new byte[60]), "frames taken after the failure");
              assertEquals(List.of(), host.receive());
              Thread.sleep(50);
            }
            assertEquals(line, host.port.failure(), "an interface of the same name heals nothing");
            assertEquals(List.of(line), host.failures);
          }
          // The device can be opened again.
          TestHost.bound("device=" + driver + "0,iface=left").close();
          return null;
        });
  }

  private static void makePair() throws Exception {
    String _ = Commands.run("ip", "link", "add", "left", "type", "veth", "peer", "name", "right");
    for (String device : new String[] {"left", "right"}) {
      Links.keepHostOff(device);
      Links.setUp(device);
    }
  }

  private static void awaitFailure(TestHost host) {
    long deadline = System.nanoTime() + PATIENCE;
    while (host.port.failure() == null) {
      assertTrue(System.nanoTime() < deadline, "no failure is seen");
      var _ = host.receive();
    }
  }
}
