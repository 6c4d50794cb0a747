package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.MultiQueueGuest;
import dev.outboard.guest.RawRing;
import dev.outboard.isolation.ThreadPerVm;
import dev.outboard.testing.Allocation;
import dev.outboard.testkit.loopback.LoopbackProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest with two queue pairs that two workers serve, and all that can happen to it meanwhile. */
class SpreadGuestTest {
  private static final long FRAMES = 200_000;
  private static final int ROUNDS = 50;

  private TestHost host;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost(new EngineSettings(2, List.of(), 50, 100, 64));
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
  }

  private List<Integer> workers(String id) {
    return host.status(id).workers();
  }

  @Test
  void itIsServedByAsManyWorkersAsThereAreAndItHasQueuePairs() throws Exception {
    host.engine.attach(host.spec(1, Frontend.QEMU, 4));
    assertEquals(List.of(0, 1), workers("g1"));
    host.engine.attach(host.spec(2, Frontend.QEMU, 1));
    assertEquals(List.of(0), workers("g2"));
    host.engine.attach(host.spec(3, Frontend.QEMU, 2));
    assertEquals(List.of(1, 0), workers("g3"));
    awaitGuests(3, 2);
    host.engine.detach("g1");
    awaitGuests(2, 1);
  }

  /** Workers take their shares when they come to it, soon after the call. */
  private void awaitGuests(int first, int second) throws InterruptedException {
    List<Integer> wanted = List.of(first, second);
    TestHost.await(
        () ->
            host.engine.workers().stream()
                .map(Engine.WorkerStatus::guests)
                .toList()
                .equals(wanted));
  }

  @Test
  void eachFlowArrivesWholeAndInOrderAndAllIsCounted() throws Exception {
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      assertEquals(2, workers("g1").size());
      assertEquals(2, workers("g2").size());
      traffic.start();
      TestHost.await(() -> traffic.exchanged() > FRAMES);
      traffic.finish();
    }
  }

  @Test
  void eachOfItsQueuesIsServedByItsOwnWorker() throws Exception {
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      for (int pair = 0; pair < 2; pair++) {
        List<Long> before = loopsAtRest();
        traffic.exchangeOne(pair);
        List<Long> after = loopsAtRest();
        int server = workers("g1").get(pair);
        assertTrue(after.get(server) > before.get(server), before + " " + after);
        assertEquals(before.get(1 - server), after.get(1 - server), "the other one slept");
      }
    }
  }

  /** How often each worker went round, when both sleep. */
  private List<Long> loopsAtRest() throws InterruptedException {
    List<Long> before;
    do {
      before = loops();
      Thread.sleep(20);
    } while (!before.equals(loops()));
    return before;
  }

  private List<Long> loops() {
    return host.engine.workers().stream().map(Engine.WorkerStatus::loops).toList();
  }

  @Test
  void inASteadyStateNothingIsAllocated() throws Exception {
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      traffic.start();
      Set<Long> threads =
          host.engine.workers().stream()
              .map(Engine.WorkerStatus::thread)
              .collect(Collectors.toSet());
      Allocation.assertNone(
          threads,
          () -> {
            long before = traffic.exchanged();
            TestHost.await(() -> traffic.exchanged() > before + FRAMES);
          });
      traffic.finish();
    }
  }

  @Test
  void itIsMovedApartAndTogetherUnderLoad() throws Exception {
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      traffic.start();
      List<List<Integer>> places = List.of(List.of(1), List.of(1, 0), List.of(0), List.of(0, 1));
      for (int i = 0; i < ROUNDS; i++) {
        String guest = "g" + (1 + i % 2);
        List<Integer> place = places.get(i / 2 % places.size());
        host.engine.move(guest, place);
        assertEquals(place, workers(guest));
        traffic.awaitMore();
      }
      traffic.finish();
    }
  }

  @Test
  void itsVmmStopsAndStartsItUnderLoad() throws Exception {
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      traffic.allowLoss().start();
      MultiQueueGuest guest = traffic.guest(0);
      for (int i = 0; i < ROUNDS; i++) {
        int[] bases = guest.stop();
        for (int ring = 0; ring < bases.length; ring++) {
          assertEquals(
              RawRing.of(guest.ring(ring)).usedIndex(),
              bases[ring],
              "ring " + ring + " stands still");
        }
        guest.resume(bases);
        traffic.awaitMore();
      }
      traffic.finishWithDrops(Set.of("destination-down"));
    }
  }

  @Test
  void itIsFrozenForAHandOverAndGoesOn() throws Exception {
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      traffic.start();
      for (int i = 0; i < 10; i++) {
        host.engine.handOver();
        host.engine.resume();
        traffic.awaitMore();
      }
      traffic.finish();
    }
  }

  @Test
  void whatMakesNoSenseIsRefusedInOneLine() throws Exception {
    host.engine.attach(host.spec(1));
    host.engine.attach(host.spec(2, Frontend.QEMU, 2));
    assertRefused(
        "g1", List.of(0, 1), "2 workers for 1 queue pair; one worker serves at least one");
    assertRefused(
        "g2", List.of(0, 1, 2), "3 workers for 2 queue pairs; one worker serves at least one");
    assertRefused("g2", List.of(1, 1), "name one worker or several, each once");
    assertRefused("g2", List.of(), "name one worker or several, each once");
    assertRefused("g2", List.of(0, 2), "worker 2 is not between 0 and 1");
    assertEquals(List.of(1, 0), workers("g2"));
  }

  private void assertRefused(String id, List<Integer> workers, String message) {
    EngineException refused =
        assertThrows(EngineException.class, () -> host.engine.move(id, workers));
    assertEquals("guest '" + id + "': " + message, refused.getMessage());
  }

  @Test
  void whileItHasAPortOfItsOwnOneWorkerServesIt() throws Exception {
    host.engine.openUplink(
        "lan", LoopbackProvider.perGuest(false), Map.of("endpoint", "lan", "mtu", "1500"));
    host.engine.attach(host.spec(3, Frontend.QEMU, 2).onWay(Optional.of("lan"), true));
    assertEquals(List.of(0), workers("g3"));
    host.engine.detach("g3");
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      host.engine.prepareSwap(
          "s",
          new SwapSpec(
              new SwapScope.All(), Optional.of("lan"), Optional.of(false), Optional.empty()));
      assertEquals(List.of(0), workers("g1"));
      assertRefused(
          "g1",
          List.of(0, 1),
          "it has a port of its own on an uplink, which one worker serves; name one");
      host.engine.move("g1", 1);
      host.engine.commitSwap("s", List.of());
      for (int pair = 0; pair < 2; pair++) {
        assertTrue(traffic.guest(0).send(pair, traffic.frame(pair)));
        TestHost.await(() -> traffic.guest(1).receive(0) != null);
      }
      host.engine.abortSwap("s");
      assertEquals(List.of(1), workers("g1"), "as a user has said");
      assertEquals(List.of(0, 1), workers("g2"));
      traffic.exchangeOne(0);
      traffic.exchangeOne(1);
    }
  }

  @Test
  void nonsenseInOneOfItsRingsEndsItsOwnSessionOnly() throws Exception {
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host);
        Bystanders bystanders = new Bystanders(host, 3, 4)) {
      for (int ring = 1; ring <= 3; ring += 2) {
        MultiQueueGuest guest = traffic.guest(ring / 2);
        String id = "g" + (1 + ring / 2);
        RawRing.of(guest.ring(ring))
            .availableIndex(RawRing.of(guest.ring(ring)).usedIndex() + 1000);
        guest.kick(ring);
        TestHost.await(() -> host.status(id).state() == GuestStatus.State.WAITING);
        String note = host.status(id).note();
        assertTrue(note.contains("the available index is ahead"), note);
        bystanders.awaitTraffic();
      }
      assertTrue(bystanders.finish() > 0);
    }
  }

  @Test
  void withAThreadForEachGuestAUserMayGiveItMore() throws Exception {
    host.close();
    host = new TestHost(new EngineSettings(3, List.of(), 50, 100, 64), new ThreadPerVm());
    try (TwoQueueTraffic traffic = new TwoQueueTraffic(host)) {
      assertEquals(List.of(0), workers("g1"));
      assertEquals(List.of(1), workers("g2"));
      traffic.start();
      for (int i = 0; i < 10; i++) {
        host.engine.move("g1", List.of(0, 2));
        assertEquals(3, host.engine.workers().size());
        traffic.awaitMore();
        assertRefused(
            "g2",
            List.of(2),
            "worker 2 serves others, which isolation 'thread-per-vm'" + " does not allow");
        host.engine.move("g1", List.of(0));
        TestHost.await(() -> host.engine.workers().size() == 2);
        traffic.awaitMore();
      }
      traffic.finish();
    }
    assertEquals(Map.of(), host.drops(1));
  }
}
