package dev.outboard.transport.kerneltcp.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.transport.kerneltcp.pool.ScriptedPeer.Trunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Anything in any order: requests, cancellations, returns, openings that succeed or fail or come
 * too late, ends, checks, drainings, pressure, time. After each step nobody shares a connection and
 * there are not too many; at the end nothing is left.
 */
class InterleavingsTest {
  private static final int STEPS = 300;

  private final List<CompletableFuture<Lease<Trunk>>> waiting = new ArrayList<>();
  private final List<Lease<Trunk>> held = new ArrayList<>();
  private Bed bed;
  private int max;

  @Property(tries = 150)
  void nothingIsLeakedSharedOrTooMuch(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int most, @ForAll boolean learned) {
    Random random = new Random(seed);
    waiting.clear();
    held.clear();
    max = most;
    Sizing sizing = learned ? new LearnedSizing(0.9, most) : Sizing.fixed(random.nextInt(8));
    bed = new Bed(random.nextInt(most + 1), most, sizing);
    bed.peer.prompt = false;
    for (int i = 0; i < STEPS; i++) {
      step(random);
      if (random.nextInt(3) > 0) {
        bed.loop.run();
      }
      collect();
      check();
    }
    end();
  }

  private void step(Random random) {
    ScriptedPeer peer = bed.peer;
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> waiting.add(bed.pool.acquire(Waiters.CLASSES.get(random.nextInt(3))));
      case 3, 4 -> giveBack(random, true);
      case 5 -> giveBack(random, false);
      case 6, 7 -> answerOne(random, true);
      case 8 -> {
        if (random.nextBoolean()) {
          answerOne(random, false);
        } else if (!waiting.isEmpty()) {
          waiting.get(random.nextInt(waiting.size())).cancel(false);
        }
      }
      case 9 -> {
        if (!peer.trunks.isEmpty()) {
          Trunk trunk = peer.trunks.get(random.nextInt(peer.trunks.size()));
          if (random.nextInt(4) == 0) {
            trunk.ended.complete(null);
          } else if (trunk.draining) {
            trunk.drained.complete(null);
          } else {
            trunk.checks.forEach(check -> check.complete(random.nextInt(3) > 0));
          }
        }
      }
      case 10 -> bed.pressure = random.nextInt(3) / 2.0;
      default -> bed.loop.pass(random.nextInt(4) == 0 ? 25 : random.nextDouble());
    }
  }

  private void giveBack(Random random, boolean reusable) {
    if (!held.isEmpty()) {
      Lease<Trunk> lease = held.remove(random.nextInt(held.size()));
      if (reusable) {
        lease.release();
      } else {
        lease.discard();
      }
    }
  }

  private void answerOne(Random random, boolean well) {
    List<CompletableFuture<Trunk>> open =
        bed.peer.openings.stream().filter(opening -> !opening.isDone()).toList();
    if (!open.isEmpty()) {
      CompletableFuture<Trunk> opening = open.get(random.nextInt(open.size()));
      if (well) {
        bed.peer.answer(opening);
      } else {
        opening.completeExceptionally(new IOException("refused"));
      }
    }
  }

  private void collect() {
    waiting.removeIf(
        each -> {
          if (each.isDone() && !each.isCompletedExceptionally()) {
            held.add(each.join());
          }
          return each.isDone();
        });
  }

  private void check() {
    Set<Trunk> owned = new HashSet<>();
    for (Lease<Trunk> lease : held) {
      assertTrue(owned.add(lease.connection()), "two owners");
      assertEquals(0, lease.connection().closed, "closed while it is lent");
      assertFalse(lease.connection().draining, "drained while it is lent");
    }
    for (Trunk trunk : bed.peer.trunks) {
      assertTrue(trunk.closed <= 1, "closed twice");
    }
    PoolStats stats = bed.stats();
    collect();
    assertTrue(stats.size() <= max, stats::toString);
    assertEquals(stats.size(), stats.idle() + stats.lent() + stats.opening() + stats.draining());
  }

  private void end() {
    CompletableFuture<Void> closed = bed.pool.close();
    bed.loop.run();
    collect();
    held.forEach(Lease::release);
    bed.loop.pass(10);
    for (CompletableFuture<Trunk> opening : List.copyOf(bed.peer.openings)) {
      if (!opening.isDone()) {
        bed.peer.answer(opening);
      }
    }
    bed.loop.pass(10);
    assertTrue(closed.isDone(), () -> bed.stats().toString());
    assertTrue(waiting.stream().allMatch(CompletableFuture::isDone), "a request without an answer");
    assertEquals(0, bed.peer.alive(), "a leaked connection");
    assertEquals(0, bed.stats().size());
  }
}
