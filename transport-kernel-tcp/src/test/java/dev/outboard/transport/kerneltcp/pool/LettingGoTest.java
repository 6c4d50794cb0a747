package dev.outboard.transport.kerneltcp.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.transport.kerneltcp.pool.ScriptedPeer.Trunk;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** How connections leave the pool: drained, ended, found dead, or for want of room. */
class LettingGoTest {
  private static CompletableFuture<Lease<Trunk>> ask(Bed bed) {
    return bed.ask(ServiceClass.STANDARD);
  }

  @Test
  void whatIsNotWorthItsKeepIsDrainedAndThenClosed() {
    Bed bed = new Bed(0, 4, 0);
    bed.peer.prompt = false;
    CompletableFuture<Lease<Trunk>> answer = ask(bed);
    Trunk trunk = bed.peer.answer(bed.peer.openings.getFirst());
    bed.loop.run();
    bed.release(answer.join());
    assertTrue(trunk.draining);
    assertEquals(0, trunk.closed, "drained, not dropped");
    assertEquals(1, bed.stats().draining());
    trunk.drained.complete(null);
    bed.loop.run();
    assertEquals(1, trunk.closed);
    assertEquals(0, bed.stats().size());
  }

  @Test
  void aPeerThatDoesNotLetItselfBeDrainedIsNotWaitedForForever() {
    Bed bed = new Bed(0, 4, 0);
    bed.peer.prompt = false;
    CompletableFuture<Lease<Trunk>> answer = ask(bed);
    Trunk trunk = bed.peer.answer(bed.peer.openings.getFirst());
    bed.loop.run();
    bed.release(answer.join());
    bed.loop.pass(Bed.PATIENCE.toSeconds() + 0.1);
    assertEquals(1, trunk.closed);
    trunk.drained.complete(null);
    bed.loop.run();
    assertEquals(1, trunk.closed, "closed once");
  }

  @Test
  void whatIsDiscardedIsNeverLentAgain() {
    Bed bed = new Bed(0, 4, 1);
    Lease<Trunk> lease = bed.take();
    Trunk trunk = lease.connection();
    lease.discard();
    bed.loop.run();
    assertTrue(trunk.draining);
    assertNotSame(trunk, bed.take().connection());
  }

  @Test
  void whatWasIdleForTheTtlGoesButNotBelowMin() {
    Bed bed = new Bed(1, 4, 3);
    Lease<Trunk> lease = bed.take();
    Trunk used = lease.connection();
    bed.passHealthy(30);
    bed.release(lease);
    bed.passHealthy(29);
    assertEquals(0, bed.stats().drained());
    bed.passHealthy(2);
    assertEquals(2, bed.stats().drained(), "those that were never used");
    assertEquals(0, used.closed);
  }

  @Test
  void aConnectionThatDoesNotAnswerItsCheckIsReplaced() {
    Bed bed = new Bed(1, 4, 1);
    bed.loop.pass(Bed.CHECK.toSeconds() + 0.1);
    Trunk trunk = bed.peer.trunks.getFirst();
    assertEquals(1, trunk.checks.size());
    trunk.checks.getFirst().complete(false);
    bed.loop.run();
    assertEquals(1, trunk.closed);
    assertEquals(1, bed.stats().broken());
    assertEquals(1, bed.stats().idle(), "another one");
  }

  @Test
  void oneWhoseCheckTakesTooLongIsReplacedToo() {
    Bed bed = new Bed(1, 4, 1);
    bed.loop.pass(Bed.CHECK.toSeconds() + Bed.PATIENCE.toSeconds() + 0.1);
    assertEquals(1, bed.peer.trunks.getFirst().closed);
    bed.peer.trunks.getFirst().checks.getFirst().complete(true);
    bed.loop.run();
    assertEquals(1, bed.stats().broken());
  }

  @Test
  void oneThatFailsItsCheckWhileItIsLentIsNotLentAgain() {
    Bed bed = new Bed(1, 4, 1);
    bed.loop.pass(Bed.CHECK.toSeconds() + 0.1);
    Lease<Trunk> lease = bed.take();
    Trunk trunk = lease.connection();
    trunk.checks.getFirst().complete(false);
    bed.loop.run();
    assertEquals(0, trunk.closed, "its owner has it");
    bed.release(lease);
    assertEquals(1, trunk.closed);
    assertNotSame(trunk, bed.take().connection());
  }

  @Test
  void anIdleConnectionThatEndsIsReplaced() {
    Bed bed = new Bed(1, 4, 1);
    Trunk trunk = bed.peer.trunks.getFirst();
    trunk.ended.complete(null);
    bed.loop.run();
    assertEquals(1, trunk.closed);
    assertNotSame(trunk, bed.take().connection());
  }

  @Test
  void aLentConnectionThatEndsIsClosedWhenItComesBack() {
    Bed bed = new Bed(0, 4, 1);
    Lease<Trunk> lease = bed.take();
    Trunk trunk = lease.connection();
    trunk.ended.completeExceptionally(new IOException("reset"));
    bed.loop.run();
    assertEquals(0, trunk.closed);
    bed.release(lease);
    assertEquals(1, trunk.closed);
    assertFalse(trunk.draining, "there is nobody to say goodbye to");
  }

  @Test
  void aPeerThatRefusesIsTriedAgainAfterLongerAndLongerPauses() {
    Bed bed = new Bed(0, 4, 0);
    bed.peer.prompt = false;
    var _ = ask(bed);
    int tries = 0;
    for (int step = 0; step < 199; step++) {
      for (; tries < bed.peer.openings.size(); tries++) {
        bed.peer.openings.get(tries).completeExceptionally(new IOException("refused"));
      }
      bed.loop.pass(0.01);
    }
    assertTrue(tries >= 4 && tries <= 7, "tries in two seconds: " + tries);
    assertEquals(tries, bed.stats().failedOpenings());
  }

  @Test
  void whoWaitsMeanwhileIsToldWhatThePeerSaid() {
    Bed bed = new Bed(0, 4, 0);
    bed.peer.prompt = false;
    CompletableFuture<Lease<Trunk>> answer = ask(bed);
    bed.peer.openings.getFirst().completeExceptionally(new IOException("refused"));
    bed.loop.pass(3);
    CompletionException e = assertThrows(CompletionException.class, answer::join);
    assertTrue(e.getCause().getMessage().contains("opening one failed, refused"), e::toString);
  }

  @Test
  void anOpeningThatSucceedsTooLateLeavesNothing() {
    Bed bed = new Bed(0, 4, 0);
    bed.peer.prompt = false;
    var _ = ask(bed);
    bed.loop.pass(2.1);
    Trunk trunk = bed.peer.answer(bed.peer.openings.getFirst());
    bed.loop.run();
    assertEquals(1, trunk.closed);
    assertEquals(1, bed.stats().failedOpenings());
  }

  @Test
  void aConnectorThatThrowsIsAPeerThatRefuses() {
    ManualLoop loop = new ManualLoop();
    Connector<Trunk> broken =
        () -> {
          throw new IllegalStateException("bug");
        };
    ConnectionPool<Trunk> pool =
        new ConnectionPool<>(
            PoolSettings.of("b", 1, 1), broken, loop, Sizing.fixed(1), PressureSource.NONE);
    loop.pass(0.01);
    CompletableFuture<PoolStats> stats = pool.stats();
    loop.run();
    assertEquals(1, stats.join().failedOpenings());
  }

  @Test
  void underHalfThePressureHalfOfTheIdleOnesGo() {
    Bed bed = new Bed(0, 8, 8);
    Lease<Trunk> lent = bed.take();
    bed.release(lent);
    assertEquals(8, bed.stats().idle());
    bed.pressure = 0.5;
    bed.loop.pass(1.1);
    assertEquals(4, bed.stats().idle());
  }

  @Test
  void underFullPressureAllIdleOnesGoAndNoneIsTakenAway() {
    Bed bed = new Bed(2, 8, 4);
    Lease<Trunk> lease = bed.take();
    bed.pressure = 1;
    bed.loop.pass(1.1);
    assertEquals(0, bed.stats().idle());
    assertEquals(1, bed.stats().lent());
    assertFalse(ask(bed).isDone(), "nothing is opened beside it");
    bed.release(lease);
    assertEquals(1, bed.stats().lent(), "who waits gets the only one");
  }

  @Test
  void whenThePressureEndsThePoolFillsAgain() {
    Bed bed = new Bed(2, 8, 4);
    bed.pressure = 1;
    bed.loop.pass(1.1);
    bed.pressure = 0;
    bed.loop.pass(1.1);
    assertEquals(4, bed.stats().idle());
  }

  @Test
  void closingDrainsWhatIsIdleAndWaitsForWhatIsLent() {
    Bed bed = new Bed(0, 2, 2);
    Lease<Trunk> lease = bed.take();
    CompletableFuture<Void> closed = bed.pool.close();
    bed.loop.run();
    assertEquals(1, bed.peer.alive());
    assertFalse(closed.isDone());
    CompletableFuture<Lease<Trunk>> late = ask(bed);
    CompletionException e = assertThrows(CompletionException.class, late::join);
    assertEquals("the pool of connections to b:7000 is closed", e.getCause().getMessage());
    bed.release(lease);
    assertTrue(closed.isDone());
    assertEquals(0, bed.peer.alive());
  }

  @Test
  void closingRefusesWhoWaits() {
    Bed bed = new Bed(0, 1, 0);
    bed.take();
    CompletableFuture<Lease<Trunk>> waiting = ask(bed);
    var _ = bed.pool.close();
    bed.loop.run();
    assertThrows(CompletionException.class, waiting::join);
  }
}
