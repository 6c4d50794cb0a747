package dev.outboard.testkit;

import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/** How ports are opened, bound, unbound and closed, and what they leave. */
interface PortRules {
  int CYCLES = 20;

  @Rule(id = "port-1", says = "When unbind returns, the port's fds are watched no more.")
  default void nothingIsWatchedAfterUnbind(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    for (End end : List.of(pair.left(), pair.right())) {
      end.unbind();
      Check.same(0, end.context.watches, "fds that are still watched");
    }
  }

  @Rule(
      id = "port-2",
      says = "watch and unwatch are called by the worker, and for the port's own fds.")
  default void watchesAreTheWorkers(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    for (End end : List.of(pair.left(), pair.right())) {
      bench.closeEnd(end);
      Check.that(end.context.complaint == null, () -> end.context.complaint);
    }
  }

  @Rule(id = "port-3", says = "Ports that one worker has do not disturb each other.")
  default void portsOfAWorkerAreApart(Bench bench) throws Exception {
    Pair pair = bench.pairOnOneWorker();
    for (int round = 0; round < 10; round++) {
      List<Sent> frames = pair.frames(round * 40, 20);
      Pair back = pair.reversed();
      List<Sent> answers = back.frames(round * 40 + 20, 20);
      int _ = pair.left().send(frames, pair.route().hop());
      int _ = back.left().send(answers, back.route().hop());
      Got.check(frames, pair.right().collect(20), pair.counts());
      Got.check(answers, back.right().collect(20), pair.counts());
    }
  }

  @Rule(id = "port-4", says = "flush() may be called at any time, and loses nothing.")
  default void flushIsHarmless(Bench bench) throws Exception {
    Pair pair = bench.pair();
    End left = pair.left();
    for (int round = 0; round < 5; round++) {
      left.worker()
          .run(
              () -> {
                left.port.flush();
                left.port.flush();
                return null;
              });
      pair.mustCarrySome(round * 8);
    }
  }

  @Rule(
      id = "port-5",
      says = "While a port works, failure() is null and its uplink reports no failure.")
  default void whatWorksHasNotFailed(Bench bench) throws Exception {
    Pair pair = bench.pair();
    for (int round = 0; round < 3; round++) {
      pair.mustCarrySome(round * 8);
      for (End end : List.of(pair.left(), pair.right())) {
        Check.that(
            end.port.failure() == null, () -> "failure() is '%s'".formatted(end.port.failure()));
        Check.same(List.of(), end.uplink.host().failures, "failures that the uplink reported");
      }
    }
  }

  @Rule(id = "port-6", says = "Once warm, no call for frames allocates.")
  default void nothingIsAllocated(Bench bench) throws Exception {
    SteadyState.check(bench);
  }

  @Rule(id = "close-1", says = "Ports and uplinks that come and go leave no file descriptors.")
  default void noDescriptorsAreLeft(Bench bench) throws Exception {
    comeAndGo(bench);
    Holdings before = Holdings.now();
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      comeAndGo(bench);
    }
    Holdings.checkNoMore(before, bench.patience());
  }

  private static void comeAndGo(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarry(pair.frames(0, 2));
    int _ = pair.left().send(pair.frames(2, 1), pair.route().hop());
    bench.closeAll();
  }

  @Rule(id = "close-2", says = "A closed uplink leaves no thread.")
  default void noThreadsAreLeft(Bench bench) throws Exception {
    bench.closeAll();
    Holdings before = Holdings.now();
    comeAndGo(bench);
    Holdings.checkNoNewThread(before, bench.patience());
  }

  @Rule(id = "close-3", says = "A closed port leaves no region in the table.")
  default void noRegionsAreLeft(Bench bench) throws Exception {
    Uplink left = bench.openLeft();
    int before = Regions.count(left.host().regions());
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      bench.closeEnd(bench.openBound(left, Frames.LEFT, 0));
    }
    Check.same(before, Regions.count(left.host().regions()), "regions in the table");
  }

  @Rule(id = "close-4", says = "Ports may be closed while frames wait for them, and more arrive.")
  default void portsCloseUnderLoad(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    AtomicBoolean stop = new AtomicBoolean();
    End left = pair.left();
    FutureTask<Integer> load =
        left.worker()
            .start(
                () -> {
                  int sent = 0;
                  while (!stop.get()) {
                    left.fill(pair.frames(sent, 8), Bench.NETWORK, pair.route().hop());
                    sent += left.transmit(0, 8);
                    left.port.flush();
                    left.awaitTokens();
                  }
                  return sent;
                });
    try {
      End right = pair.right();
      for (int round = 0; round < 10; round++) {
        List<Got> got = right.collect(20);
        Check.that(got.size() >= 20, () -> "%d frames under load".formatted(got.size()));
        End closing = right;
        Check.quietly("unbind and close of a port under load", () -> bench.closeEnd(closing));
        right = bench.openBound(right.uplink, right.place);
      }
    } finally {
      stop.set(true);
    }
    int _ = left.worker().join(load);
    Check.quietly("unbind and close of the port that sent", () -> bench.closeEnd(left));
  }

  @Rule(
      id = "close-5",
      says = "A port that was never bound, and an uplink that never had a port, may be closed.")
  default void whatWasNotUsedCloses(Bench bench) throws Exception {
    Uplink uplink = bench.openLeft();
    End end =
        bench.openEnd(uplink, new End.Place(Frames.LEFT, 0, Bench.NETWORK, bench.usualMtu(uplink)));
    Check.quietly("close of a port that was never bound", () -> bench.closeEnd(end));
    Check.quietly("close of the uplink", () -> bench.closeUplink(uplink));
    Uplink unused = bench.openLeft();
    Check.quietly("close of an unused uplink", () -> bench.closeUplink(unused));
  }

  @Rule(
      id = "adopt-1",
      says = "A port's state that makes no sense is refused by adoptPort, by one line.")
  default void nonsenseIsNotAdopted(Bench bench) throws Exception {
    Uplink uplink = bench.openLeft();
    Transport transport = uplink.transport();
    PortSpec spec = new KitPortSpec(uplink.host(), Frames.LEFT, Bench.NETWORK, Frames.USUAL_MTU);
    uplink.host().opening = true;
    PortState state = new PortState(Map.of("no-such", "thing"), List.of());
    String _ = Check.refused("adoptPort()", () -> transport.adoptPort(spec, state).close());
  }
}
