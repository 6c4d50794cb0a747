package dev.outboard.transport.kerneltcp.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.transport.kerneltcp.pool.ScriptedPeer.Trunk;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Who gets a connection, and when. */
class LendingTest {
  @Test
  void connectionsAreOpenBeforeAnyoneAsks() {
    Bed bed = new Bed(2, 4, 3);
    assertEquals(3, bed.stats().idle());
  }

  @Test
  void aRequestThatFindsAnIdleConnectionIsAHit() {
    Bed bed = new Bed(0, 4, 1);
    bed.take();
    assertEquals(1, bed.stats().hits());
    assertEquals(0, bed.stats().misses());
  }

  @Test
  void oneThatFindsNoneWaitsForOneToBeOpened() {
    Bed bed = new Bed(0, 4, 0);
    bed.peer.prompt = false;
    CompletableFuture<Lease<Trunk>> answer = bed.ask(ServiceClass.STANDARD);
    assertFalse(answer.isDone());
    bed.loop.pass(0.004);
    Trunk trunk = bed.peer.answer(bed.peer.openings.getFirst());
    bed.loop.run();
    assertSame(trunk, answer.join().connection());
    PoolStats stats = bed.stats();
    assertEquals(1, stats.misses());
    assertEquals(0, stats.hitRate());
    long waited = stats.waits().get(ServiceClass.STANDARD).getMaxValue();
    assertEquals(4e6, (double) waited, 1e4);
  }

  @Test
  void theOneThatWasUsedLastIsLentFirst() {
    Bed bed = new Bed(0, 4, 4);
    Lease<Trunk> first = bed.take();
    Lease<Trunk> second = bed.take();
    Trunk last = first.connection();
    bed.release(second);
    bed.release(first);
    assertSame(last, bed.take().connection());
  }

  @Test
  void twoOwnersNeverHaveOneConnection() {
    Bed bed = new Bed(0, 4, 0);
    assertNotSame(bed.take().connection(), bed.take().connection());
  }

  @Test
  void thereAreNeverMoreThanMax() {
    Bed bed = new Bed(0, 2, 0);
    Lease<Trunk> first = bed.take();
    bed.take();
    CompletableFuture<Lease<Trunk>> third = bed.ask(ServiceClass.STANDARD);
    assertEquals(2, bed.peer.alive());
    assertFalse(third.isDone());
    Trunk trunk = first.connection();
    bed.release(first);
    assertSame(trunk, third.join().connection());
  }

  @Test
  void whoComesFirstIsServedFirst() {
    Bed bed = new Bed(0, 1, 0);
    Lease<Trunk> lease = bed.take();
    CompletableFuture<Lease<Trunk>> first = bed.ask(ServiceClass.STANDARD);
    CompletableFuture<Lease<Trunk>> second = bed.ask(ServiceClass.STANDARD);
    bed.release(lease);
    assertTrue(first.isDone());
    assertFalse(second.isDone());
  }

  @Test
  void theMoreUrgentClassIsServedBefore() {
    Bed bed = new Bed(0, 1, 0);
    Lease<Trunk> lease = bed.take();
    CompletableFuture<Lease<Trunk>> bulk = bed.ask(ServiceClass.BULK);
    CompletableFuture<Lease<Trunk>> standard = bed.ask(ServiceClass.STANDARD);
    CompletableFuture<Lease<Trunk>> latency = bed.ask(ServiceClass.LATENCY);
    bed.release(lease);
    bed.release(latency.join());
    assertFalse(bulk.isDone());
    bed.release(standard.join());
    assertTrue(bulk.isDone());
  }

  @Test
  void roomIsKeptForAnUrgentClassThatUsesSome() {
    Bed bed = new Bed(0, 20, 0);
    for (int i = 0; i < 4; i++) {
      var _ = bed.ask(ServiceClass.LATENCY);
    }
    bed.loop.pass(100);
    // Two roots of four.
    for (int i = 0; i < 20 - 4 - 4; i++) {
      assertTrue(bed.ask(ServiceClass.BULK).isDone(), "request " + i);
    }
    assertFalse(bed.ask(ServiceClass.BULK).isDone());
    assertEquals(4, bed.stats().idle(), "open for urgent ones while others wait");
    long hits = bed.stats().hits();
    for (int i = 0; i < 4; i++) {
      assertTrue(bed.ask(ServiceClass.LATENCY).isDone());
    }
    assertEquals(hits + 4, bed.stats().hits());
  }

  @Test
  void theRoomIsGivenUpWhenTheUrgentClassIsGone() {
    Bed bed = new Bed(0, 4, 0);
    for (int i = 0; i < 2; i++) {
      var _ =
          bed.ask(ServiceClass.LATENCY)
              .thenAccept(lease -> bed.loop.executeAt(60_000_000_000L, lease::release));
    }
    bed.loop.pass(59);
    var _ = bed.ask(ServiceClass.BULK);
    CompletableFuture<Lease<Trunk>> last = bed.ask(ServiceClass.BULK);
    assertFalse(last.isDone());
    bed.loop.pass(1.9);
    assertTrue(last.isDone());
  }

  @Test
  void whoCancelsGetsNothingAndTakesNothing() {
    Bed bed = new Bed(0, 1, 1);
    Lease<Trunk> lease = bed.take();
    CompletableFuture<Lease<Trunk>> cancelled = bed.ask(ServiceClass.STANDARD);
    assertTrue(cancelled.cancel(false));
    bed.release(lease);
    assertEquals(1, bed.stats().idle());
    assertEquals(0, bed.stats().waiting());
  }

  @Test
  void whoWaitsTooLongIsToldWhy() {
    Bed bed = new Bed(0, 1, 0);
    bed.take();
    CompletableFuture<Lease<Trunk>> late = bed.ask(ServiceClass.STANDARD);
    bed.loop.pass(1.9);
    assertFalse(late.isDone());
    bed.loop.pass(0.2);
    CompletionException e = assertThrows(CompletionException.class, late::join);
    assertEquals(
        "no connection to b:7000 within 2000 ms: all 1 are in use", e.getCause().getMessage());
    assertEquals(1, bed.stats().refused());
  }

  @Test
  void whatWasGivenBackIsOutOfReach() {
    Bed bed = new Bed(0, 1, 1);
    Lease<Trunk> lease = bed.take();
    lease.release();
    assertThrows(IllegalStateException.class, lease::connection);
    assertThrows(IllegalStateException.class, lease::release);
    assertThrows(IllegalStateException.class, lease::discard);
    bed.loop.run();
    assertEquals(1, bed.stats().idle());
  }
}
