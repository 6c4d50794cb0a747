package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A worker that has gone to sleep is woken by each frame, whichever way it waits. */
class SleepingWorkerTest {
  private static final int NETWORK = 5;
  private static final int FRAMES = 3000;

  @ParameterizedTest
  @EnumSource
  void noWakeUpIsLost(Waiting.Kind kind) throws Exception {
    Underlay.IPV4.inPrivateNetwork(
        () -> {
          SynchronousQueue<Integer> received = new SynchronousQueue<>();
          try (Host here = Host.open(Underlay.IPV4.here)) {
            int to = here.peer(NETWORK, Underlay.IPV4.there);
            Thread receiver = Thread.ofPlatform().start(() -> receive(kind, received));
            assertEquals(-1, received.take(), "ready");
            for (int i = 0; i < FRAMES; i++) {
              here.add(to, 0, i, 64);
              assertEquals(1, here.send());
              assertEquals(i, received.take());
            }
            receiver.join();
          }
        });
  }

  private static void receive(Waiting.Kind kind, SynchronousQueue<Integer> received) {
    int failed = FRAMES;
    try (Host there = Host.open(kind, Underlay.IPV4.there)) {
      int _ = there.peer(NETWORK, Underlay.IPV4.here);
      received.put(-1);
      for (int i = 0; i < FRAMES; i++) {
        failed = i;
        assertEquals(1, there.await());
        int number = Patterns.number(there.bytes(0));
        there.release();
        received.put(number);
      }
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
      // The other side reads a number that it does not expect.
      boolean _ = received.offer(-failed - 2);
    }
  }
}
