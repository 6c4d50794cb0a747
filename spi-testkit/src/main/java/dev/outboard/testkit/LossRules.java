package dev.outboard.testkit;

import java.util.ArrayList;
import java.util.List;

/** What becomes of a port whose other side goes away. */
interface LossRules {
  @Rule(
      id = "loss-1",
      says =
          "When the other side is gone, a port's calls return as ever, and failure() is null or"
              + " a line.")
  default void callsReturnWithoutPeer(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    bench.closeRight(pair);
    End left = pair.left();
    for (int round = 0; round < 20; round++) {
      int number = round * 8;
      left.worker()
          .run(
              () -> {
                left.fill(pair.frames(number, 8), Bench.NETWORK, pair.route().hop());
                int _ = left.transmit(0, 8);
                left.port.flush();
                left.awaitTokens();
                return left.receiveNow(8, new ArrayList<>());
              });
      String failure = left.port.failure();
      if (failure != null) {
        Check.line("failure() is", failure);
      }
    }
  }

  @Rule(
      id = "loss-2",
      says = "When the other side is back, frames pass again, or failure() says why not.")
  default void framesPassAgain(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    bench.closeRight(pair);
    End left = pair.left();
    left.worker()
        .run(
            () -> {
              left.fill(pair.frames(0, 8), Bench.NETWORK, pair.route().hop());
              int _ = left.transmit(0, 8);
              left.port.flush();
              return left.awaitTokens();
            });
    Pair again = bench.reopenRight(pair);
    if (left.port.failure() != null) {
      Check.line("failure() is", left.port.failure());
      return;
    }
    // What was sent before may arrive now; behind it there must be what is sent now.
    long deadline = System.nanoTime() + pair.patience();
    for (int number = 1_000; ; number++) {
      int last = number;
      int _ = left.send(List.of(again.frame(number, 100)), again.route().hop());
      List<Got> got = again.right().collectFor(pair.patience() / 50);
      if (got.stream().anyMatch(one -> Frames.number(one.bytes()) == last)) {
        return;
      }
      Check.that(
          System.nanoTime() < deadline,
          () ->
              "no frame passes, and failure() is %s; %s"
                  .formatted(left.port.failure(), again.counts()));
    }
  }
}
