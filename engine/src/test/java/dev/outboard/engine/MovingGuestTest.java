package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A guest goes to another worker while it runs, and nobody can tell from its frames. */
class MovingGuestTest {
  private static TestHost twoWorkers() throws Exception {
    return new TestHost(new EngineSettings(2, List.of(), 50, 100, 64));
  }

  private static FrameTemplate frames(int from, int to) {
    return FrameTemplate.raw(TestHost.endpoint(from), TestHost.endpoint(to), 300).withContent();
  }

  @Test
  void framesBothWaysArriveOnceAndInOrderWhileBothGuestsMove() throws Exception {
    try (TestHost host = twoWorkers()) {
      TwoWayTraffic traffic = new TwoWayTraffic(host, 1, host.start(1), 2, host.start(2)).start();
      for (int i = 0; i < 100; i++) {
        host.engine.move("g" + (1 + i % 2), i / 2 % 2);
        assertEquals(i / 2 % 2, host.status("g" + (1 + i % 2)).worker());
        long before = traffic.exchanged();
        TestHost.await(() -> traffic.exchanged() > before + 100);
      }
      traffic.finish();
    }
  }

  @Test
  void aQuietGuestIsStillFoundByItsKickAndByFramesToIt() throws Exception {
    try (TestHost host = twoWorkers()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate there = frames(1, 2);
      FrameTemplate back = frames(2, 1);
      FrameCheck atB = new FrameCheck(there);
      FrameCheck atA = new FrameCheck(back);
      for (int i = 0; i < 20; i++) {
        TestHost.await(() -> host.engine.workers().stream().allMatch(w -> w.active() == 0));
        host.engine.move("g1", (host.status("g1").worker() + 1) % 2);
        assertEquals(1, a.send(there, i, 1));
        TestHost.receive(b, atB, i + 1);
        assertEquals(i + 1, atB.frames());
        assertEquals(1, b.send(back, i, 1));
        TestHost.receive(a, atA, i + 1);
        assertEquals(i + 1, atA.frames());
      }
    }
  }

  @Test
  void aGuestThatHasNotStartedStartsAtItsNewWorker() throws Exception {
    try (TestHost host = twoWorkers()) {
      VhostUserGuest a = host.start(1);
      host.engine.attach(host.spec(2));
      host.engine.move("g2", 0);
      VhostUserGuest b = host.boot(host.spec(2), GuestOptions.DEFAULT);
      FrameTemplate template = frames(2, 1);
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(b, a, template, check, 1_000, 64);
      assertEquals(1_000, check.frames());
      assertEquals(List.of(2, 0), guestsOfWorkers(host));
    }
  }

  private static List<Integer> guestsOfWorkers(TestHost host) {
    return host.engine.workers().stream().map(Engine.WorkerStatus::guests).toList();
  }

  @Test
  void itsVmmMayStopAndStartItsRingsMeanwhile() throws Exception {
    try (TestHost host = twoWorkers()) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate template = frames(1, 2);
      FrameCheck check = new FrameCheck(template);
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Void> mover = CompletableFuture.runAsync(() -> moveUntil(done, host));
      long sent = 0;
      for (int i = 0; i < 100; i++) {
        sent += a.send(template, sent, 64);
        a.resume(a.stop());
        TestHost.receive(b, check, sent);
      }
      done.set(true);
      mover.join();
      assertEquals(6_400, check.frames());
      assertEquals(0, check.lost() + check.late() + check.corrupt());
      assertEquals(6_400, host.counters(1).sentFrames());
      assertEquals(Map.of(), host.drops(1));
    }
  }

  private static void moveUntil(AtomicBoolean done, TestHost host) {
    try {
      for (int i = 0; !done.get(); i++) {
        host.engine.move("g1", i % 2);
      }
    } catch (EngineException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void itMayBeDetachedMeanwhile() throws Exception {
    try (TestHost host = twoWorkers()) {
      for (int i = 0; i < 30; i++) {
        VhostUserGuest guest = host.start(1);
        int to = (host.status("g1").worker() + 1) % 2;
        CompletableFuture<List<String>> failures =
            CompletableFuture.supplyAsync(() -> failureOfMove(host, to));
        host.engine.detach("g1");
        for (String failure : failures.join()) {
          assertEquals("no guest 'g1' is attached; list shows those that are", failure);
        }
        guest.close();
        TestHost.await(() -> guestsOfWorkers(host).equals(List.of(0, 0)));
      }
    }
  }

  private static List<String> failureOfMove(TestHost host, int to) {
    List<String> failures = new ArrayList<>();
    try {
      host.engine.move("g1", to);
    } catch (EngineException e) {
      failures.add(e.getMessage());
    }
    return failures;
  }

  @Test
  void whatMakesNoSenseIsRefusedInOneLine() throws Exception {
    try (TestHost host = twoWorkers()) {
      host.engine.attach(host.spec(1));
      assertRefused(host, "g1", 2, "guest 'g1': worker 2 is not between 0 and 1");
      assertRefused(host, "g1", -1, "guest 'g1': worker -1 is not between 0 and 1");
      assertRefused(host, "g9", 0, "no guest 'g9' is attached; list shows those that are");
      host.engine.move("g1", 0);
      assertEquals(0, host.status("g1").worker());
    }
  }

  private static void assertRefused(TestHost host, String id, int worker, String message) {
    EngineException refused =
        assertThrows(EngineException.class, () -> host.engine.move(id, worker));
    assertEquals(message, refused.getMessage());
  }
}
