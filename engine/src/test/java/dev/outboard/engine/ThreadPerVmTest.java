package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.isolation.ThreadPerVm;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** With a thread for each guest: who gets one, how many there are, when they end. */
class ThreadPerVmTest {
  private static TestHost atMost(int workers) throws Exception {
    return new TestHost(new EngineSettings(workers, List.of(), 50, 100, 64), new ThreadPerVm());
  }

  /** Names of the worker threads of this process. */
  private static Set<String> workerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("outboard-worker-"))
        .collect(Collectors.toSet());
  }

  private static List<Integer> workers(TestHost host) {
    return host.engine.workers().stream().map(Engine.WorkerStatus::worker).toList();
  }

  @Test
  void aGuestHasAThreadOfItsOwnFromItsAttachmentUntilItLeaves() throws Exception {
    try (TestHost host = atMost(8)) {
      assertEquals(Set.of(), workerThreads());
      host.engine.attach(host.spec(1));
      host.engine.attach(host.spec(2));
      assertEquals(0, host.status("g1").worker());
      assertEquals(1, host.status("g2").worker());
      assertEquals(Set.of("outboard-worker-0", "outboard-worker-1"), workerThreads());
      host.engine.detach("g1");
      assertEquals(List.of(1), workers(host));
      TestHost.await(() -> workerThreads().equals(Set.of("outboard-worker-1")));
      host.engine.attach(host.spec(3));
      assertEquals(0, host.status("g3").worker());
    }
    TestHost.await(() -> workerThreads().isEmpty());
  }

  @Test
  void guestsOfDifferentThreadsReachEachOther() throws Exception {
    try (TestHost host = atMost(8)) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      FrameTemplate template =
          FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 200).withContent();
      FrameCheck check = new FrameCheck(template);
      TestHost.stream(a, b, template, check, 10_000, 64);
      assertEquals(10_000, check.frames());
      assertEquals(0, check.lost() + check.late() + check.corrupt());
    }
  }

  @Test
  void oneGuestMoreThanThereMayBeWorkersIsRefusedUntilAnotherLeaves() throws Exception {
    try (TestHost host = atMost(2)) {
      host.engine.attach(host.spec(1));
      host.engine.attach(host.spec(2));
      EngineException refused =
          assertThrows(EngineException.class, () -> host.engine.attach(host.spec(3)));
      assertEquals(
          "guest 'g3': isolation 'thread-per-vm' wants one more worker for it, but all 2 are in"
              + " use; raise workers or detach another guest",
          refused.getMessage());
      host.engine.detach("g1");
      host.engine.attach(host.spec(3));
      assertEquals(0, host.status("g3").worker());
    }
  }

  @Test
  void anAttachmentThatFailsLeavesNoWorkerBehind() throws Exception {
    try (TestHost host = atMost(2)) {
      GuestSpec good = host.spec(1);
      GuestSpec bad =
          new GuestSpec(
              good.id(),
              good.tenant(),
              good.network(),
              good.mac(),
              good.addresses(),
              GuestSocket.listen(Path.of("/nowhere/at-all.sock")),
              good.mtu(),
              good.uplink(),
              good.localForwarding());
      for (int i = 0; i < 3; i++) {
        assertThrows(EngineException.class, () -> host.engine.attach(bad));
        TestHost.await(() -> workerThreads().isEmpty());
        assertEquals(List.of(), workers(host));
      }
      host.engine.attach(good);
    }
  }

  @Test
  void aGuestMovesToANewWorkerNotToAnothersAndItsOldOneEnds() throws Exception {
    try (TestHost host = atMost(4)) {
      VhostUserGuest a = host.start(1);
      VhostUserGuest b = host.start(2);
      EngineException refused =
          assertThrows(EngineException.class, () -> host.engine.move("g1", 1));
      assertEquals(
          "guest 'g1': worker 1 serves others, which isolation 'thread-per-vm' does not allow",
          refused.getMessage());
      TwoWayTraffic traffic = new TwoWayTraffic(host, 1, a, 2, b).start();
      for (int to : new int[] {2, 3, 0, 2}) {
        host.engine.move("g1", to);
        assertEquals(to, host.status("g1").worker());
        assertEquals(List.of(Math.min(1, to), Math.max(1, to)), workers(host));
        long before = traffic.exchanged();
        TestHost.await(() -> traffic.exchanged() > before + 1_000);
      }
      traffic.finish();
      assertTrue(traffic.exchanged() > 4_000);
    }
  }
}
