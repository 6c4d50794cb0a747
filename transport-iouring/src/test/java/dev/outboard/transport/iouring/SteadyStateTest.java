package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.testing.Allocation;
import dev.outboard.testing.Footprint;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a port costs the garbage collector, and what it leaves behind. */
class SteadyStateTest {
  private static final int NETWORK = 9;
  private static final int BURSTS = 2_000;
  private static final int FRAMES = 32;
  private static final int ROUNDS = 30;
  private static final int STOP = -1;

  @ParameterizedTest
  @EnumSource
  void nothingIsAllocatedForFrames(Underlay underlay) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    AtomicLong worker = new AtomicLong();
    FutureTask<Void> working = new FutureTask<>(() -> work(underlay, worker, asked, done), null);
    Thread thread = Thread.ofPlatform().start(working);
    try {
      Allocation.Load load =
          () -> {
            int round = asked.incrementAndGet();
            while (done.get() != round && !working.isDone()) {
              Thread.sleep(1);
            }
          };
      load.run();
      Allocation.assertNone(Set.of(worker.get()), load);
    } finally {
      asked.set(STOP);
      thread.join();
      working.get();
    }
  }

  /** Two ports of one thread, which carries frames whenever it is asked to. */
  private static void work(
      Underlay underlay, AtomicLong worker, AtomicInteger asked, AtomicInteger done) {
    try {
      underlay.run(
          (here, there) -> {
            worker.set(Thread.currentThread().threadId());
            int to = here.peer(NETWORK, underlay.there);
            int _ = there.peer(NETWORK, underlay.here);
            for (int i = 0; i < FRAMES; i++) {
              here.add(to, i << 28, i, 100 + (i & 1) * 1000, 54);
            }
            int round;
            while ((round = asked.get()) != STOP) {
              if (round == done.get()) {
                Thread.onSpinWait();
              } else {
                carry(here, there);
                done.set(round);
              }
            }
          });
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Sends the same burst again and again, and receives all of it each time. */
  private static void carry(Host here, Host there) {
    for (int burst = 0; burst < BURSTS; burst++) {
      if (here.port.transmit(here.sent, 0, FRAMES) != FRAMES) {
        throw new AssertionError("refused");
      }
      int received = 0;
      while (received < FRAMES) {
        received += there.receive();
        there.release();
        boolean _ = there.port.arm();
      }
    }
  }

  @Test
  void uplinksThatComeAndGoLeaveNothing() throws Exception {
    for (Underlay underlay : Underlay.values()) {
      underlay.inPrivateNetwork(
          () -> {
            comeAndGo(underlay);
            Footprint before = Footprint.now();
            for (int round = 0; round < ROUNDS; round++) {
              comeAndGo(underlay);
            }
            assertEquals("", Footprint.settled(before).growthSince(before));
          });
    }
  }

  private static void comeAndGo(Underlay underlay) throws Exception {
    try (Host here = Host.open(underlay.here);
        Host there = Host.open(underlay.there)) {
      int to = here.peer(NETWORK, underlay.there);
      int _ = there.peer(NETWORK, underlay.here);
      here.add(to, 0, 1, 100);
      here.add(to, 0, 1, 100);
      assertEquals(2, here.send());
      assertEquals(2, there.await());
      here.add(to, 0, 1, 100);
      assertEquals(1, here.send(), "left in the socket");
    }
  }
}
