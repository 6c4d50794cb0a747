package dev.outboard.testkit;

import dev.outboard.spi.Priority;
import java.util.ArrayList;
import java.util.List;

/** What becomes of frames that a port is to send. */
interface TransmitRules {
  @Rule(
      id = "transmit-1",
      says =
          "Accepted frames that are not held are finished when transmit returns: their memory"
              + " is used again at once.")
  default void acceptedFramesAreFinished(Bench bench) throws Exception {
    Pair pair = bench.pair();
    for (int round = 0; round < 20; round++) {
      pair.mustCarry(pair.frames(round * 20, 20));
    }
  }

  @Rule(id = "transmit-2", says = "Only frames from 'from' on are sent, 'count' at most.")
  default void onlyTheFramesAskedForAreSent(Bench bench) throws Exception {
    Pair pair = bench.pair();
    List<Sent> frames = pair.frames(0, 12);
    End left = pair.left();
    left.worker()
        .run(
            () -> {
              left.fill(frames, Bench.NETWORK, pair.route().hop());
              int done = 3;
              while (done < 7) {
                done += left.transmit(done, 7 - done);
              }
              left.port.flush();
              return left.awaitTokens();
            });
    // Behind them comes one that ends the wait, whatever was sent.
    Sent last = pair.frame(99, 100);
    int accepted = left.send(List.of(last), pair.route().hop());
    Check.same(1, accepted, "accepted frames");
    List<Got> got =
        pair.right()
            .worker()
            .run(
                () ->
                    pair.right()
                        .collectNow(
                            all -> !all.isEmpty() && Frames.number(all.getLast().bytes()) == 99));
    List<Sent> expected = new ArrayList<>(frames.subList(3, 7));
    expected.add(last);
    Got.check(expected, got, pair.counts());
  }

  @Rule(id = "transmit-3", says = "Frames of a flow keep their order.")
  default void aFlowKeepsItsOrder(Bench bench) throws Exception {
    Pair pair = bench.pair();
    for (int round = 0; round < 20; round++) {
      pair.mustCarry(pair.frames(round * 64, 64));
    }
  }

  @Rule(
      id = "transmit-4",
      says = "What was accepted arrives or is counted as dropped, each frame once.")
  default void nothingIsLostUncounted(Bench bench) throws Exception {
    Pair pair = bench.pair();
    for (int round = 0; round < 20; round++) {
      List<Sent> frames = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        frames.add(pair.frame(round * 32 + i, 200 + i).ofFlow(i));
      }
      long before = pair.counted();
      List<Got> got = pair.carry(frames, () -> pair.counted() - before);
      long counted = pair.counted() - before;
      Check.that(
          got.size() + counted == frames.size(),
          () ->
              "of %d accepted frames %d arrived; %s"
                  .formatted(frames.size(), got.size(), pair.counts()));
      Check.same(
          got.size(),
          (int) got.stream().map(one -> Frames.number(one.bytes())).distinct().count(),
          "frames that arrived and are not the same");
    }
  }

  @Rule(id = "transmit-5", says = "The burst and the frames' memory are only read.")
  default void theBurstIsOnlyRead(Bench bench) throws Exception {
    Pair pair = bench.pair();
    List<Sent> frames = pair.frames(0, 16);
    End left = pair.left();
    left.worker()
        .run(
            () -> {
              left.fill(frames, Bench.NETWORK, pair.route().hop());
              long before = left.out.fingerprint();
              int accepted = left.port.transmit(left.out.burst, 0, frames.size());
              long after = left.out.fingerprint();
              left.holding(accepted);
              left.port.flush();
              left.awaitTokens();
              Check.that(before == after, () -> "the burst or its memory has changed");
              return null;
            });
    List<Got> got = pair.right().collect(frames.size());
    Got.check(frames, got, pair.counts());
  }

  @Rule(id = "transmit-6", says = "Frames of every priority are sent.")
  default void noPriorityIsForgotten(Bench bench) throws Exception {
    Pair pair = bench.pair();
    int round = 0;
    for (Priority each : Priority.values()) {
      pair.left().priority = each;
      pair.mustCarry(pair.frames(20 * round++, 20));
    }
  }
}
