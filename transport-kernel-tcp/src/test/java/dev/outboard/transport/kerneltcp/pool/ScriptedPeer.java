package dev.outboard.transport.kerneltcp.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A peer that does what a test says, and remembers what was done to its connections. */
final class ScriptedPeer implements Connector<ScriptedPeer.Trunk> {
  final List<CompletableFuture<Trunk>> openings = new ArrayList<>();
  final List<Trunk> trunks = new ArrayList<>();

  /** Whether openings and drainings succeed at once, or when the test says so. */
  boolean prompt = true;

  @Override
  public CompletionStage<Trunk> open() {
    CompletableFuture<Trunk> opening = new CompletableFuture<>();
    openings.add(opening);
    if (prompt) {
      answer(opening);
    }
    return opening;
  }

  /** Lets an opening succeed. */
  Trunk answer(CompletableFuture<Trunk> opening) {
    Trunk trunk = new Trunk(prompt);
    trunks.add(trunk);
    opening.complete(trunk);
    return trunk;
  }

  /** Those that were opened and not closed. */
  long alive() {
    return trunks.stream().filter(trunk -> trunk.closed == 0).count();
  }

  static final class Trunk implements PooledConnection {
    final CompletableFuture<Void> ended = new CompletableFuture<>();
    final List<CompletableFuture<Boolean>> checks = new ArrayList<>();
    final CompletableFuture<Void> drained = new CompletableFuture<>();
    final boolean prompt;
    boolean draining;
    int closed;

    Trunk(boolean prompt) {
      this.prompt = prompt;
    }

    @Override
    public CompletionStage<Boolean> check() {
      CompletableFuture<Boolean> check = new CompletableFuture<>();
      checks.add(check);
      return check;
    }

    @Override
    public CompletionStage<?> drain() {
      draining = true;
      if (prompt) {
        drained.complete(null);
      }
      return drained;
    }

    @Override
    public void close() {
      closed++;
    }

    @Override
    public CompletionStage<?> ended() {
      return ended;
    }
  }
}
