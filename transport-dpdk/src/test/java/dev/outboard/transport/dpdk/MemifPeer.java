package dev.outboard.transport.dpdk;

import java.io.IOException;

/** Another process with DPDK, which sends back what it receives; until its input ends. */
final class MemifPeer {
  private MemifPeer() {}

  public static void main(String[] settings) throws Exception {
    Thread _ = Thread.ofPlatform().daemon().start(MemifPeer::endWithTheInput);
    TestHost host = TestHost.open(settings);
    int hop = host.transport.openPeer(MemifTest.NETWORK, Vlans.WIRE).number();
    host.bind();
    while (true) {
      TestHost.Arrived arrived = host.await(_ -> true);
      host.sendSurely(MemifTest.NETWORK, hop, arrived.toArray());
    }
  }

  private static void endWithTheInput() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is said here.
      }
    } catch (IOException e) {
      // The same.
    }
    Runtime.getRuntime().halt(0);
  }
}
