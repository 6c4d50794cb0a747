package dev.outboard.testkit;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.Offloads;
import java.util.ArrayList;
import java.util.List;

/** Frames that come in by a worker's port. */
interface SharedReceiveRules {
  @Rule(
      id = "receive-1",
      says = "A received frame says its network and the next hop that it came from.")
  default void framesSayWhereTheyComeFrom(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Route second = bench.kit().connect(pair.left().uplink, pair.right().uplink, Bench.NETWORK + 1);
    for (int round = 0; round < 6; round++) {
      boolean odd = round % 2 == 1;
      Route route = odd ? second : pair.route();
      int network = odd ? Bench.NETWORK + 1 : Bench.NETWORK;
      Sent frame = pair.frame(round, 300);
      int _ =
          pair.left().worker().run(() -> pair.left().sendNow(List.of(frame), network, route.hop()));
      List<Got> got = pair.right().collect(1);
      Got.check(List.of(frame), got, pair.counts());
      Check.same(network, got.getFirst().network(), "the network");
      Check.same(route.origin(), got.getFirst().nextHop(), "the next hop it came from");
    }
  }

  /** Receives without releasing; the frames lie in the inbox's burst then. */
  private static int receive(Pair pair, int limit) {
    End right = pair.right();
    return right
        .worker()
        .run(
            () -> {
              long deadline = System.nanoTime() + pair.patience();
              int count = 0;
              while (count == 0 && System.nanoTime() < deadline) {
                count = right.in.receive(limit);
              }
              return count;
            });
  }

  @Rule(id = "receive-2", says = "A received frame lies whole in one fragment of a live region.")
  default void framesAreWhole(Bench bench) throws Exception {
    Pair pair = bench.pair();
    int _ = pair.left().send(pair.frames(0, 16), pair.route().hop());
    for (int seen = 0; seen < 16; ) {
      int count = receive(pair, 16);
      Check.that(count > 0, () -> "frames did not arrive; " + pair.counts());
      FrameBurst burst = ((SharedInbox) pair.right().in).burst;
      for (int i = 0; i < count; i++) {
        int f = burst.firstFragment(i);
        Check.same(1, burst.firstFragment(i + 1) - f, "fragments of a received frame");
        Check.same(burst.length(i), burst.fragmentLength(f), "bytes in a frame's fragment");
        Check.that(burst.segment(f) != null, () -> "the fragment's region is not in the table");
        long _ = burst.address(f);
      }
      pair.right().worker().run(() -> release(pair));
      seen += count;
    }
  }

  private static boolean release(Pair pair) {
    pair.right().in.release();
    return true;
  }

  @Rule(
      id = "receive-3",
      says = "Received frames keep their bytes until release, however many arrive meanwhile.")
  default void framesKeepTheirBytes(Bench bench) throws Exception {
    Pair pair = bench.pair();
    List<Sent> first = pair.frames(0, 8);
    int _ = pair.left().send(first, pair.route().hop());
    int count = receive(pair, 8);
    // As many as there is room for: a port that is full takes fewer.
    for (int round = 1; round <= 8; round++) {
      List<Sent> more = pair.frames(round * 100, End.WINDOW);
      pair.left().worker().run(() -> offer(pair, more));
    }
    List<Got> got = new ArrayList<>();
    pair.right()
        .worker()
        .run(
            () -> {
              for (int i = 0; i < count; i++) {
                got.add(pair.right().in.got(i));
              }
              return release(pair);
            });
    Got.check(first.subList(0, count), got, pair.counts());
    Check.that(count > 0, () -> "frames did not arrive; " + pair.counts());
  }

  private static int offer(Pair pair, List<Sent> frames) {
    pair.left().fill(frames, Bench.NETWORK, pair.route().hop());
    int accepted = pair.left().transmit(0, frames.size());
    pair.left().port.flush();
    pair.left().awaitTokens();
    return accepted;
  }

  @Rule(
      id = "receive-4",
      says = "receive() adds no more frames than it is asked for; the others come next.")
  default void receiveKeepsItsLimit(Bench bench) throws Exception {
    Pair pair = bench.pair();
    List<Sent> frames = pair.frames(0, 20);
    int _ = pair.left().send(frames, pair.route().hop());
    List<Got> got = new ArrayList<>();
    while (got.size() < frames.size()) {
      int count = receive(pair, 3);
      Check.that(count > 0, () -> "%d of %d frames arrived".formatted(got.size(), frames.size()));
      Check.that(count <= 3, () -> "receive of at most 3 frames returned " + count);
      Check.same(count, ((SharedInbox) pair.right().in).burst.count(), "frames added to the burst");
      pair.right()
          .worker()
          .run(
              () -> {
                for (int i = 0; i < count; i++) {
                  got.add(pair.right().in.got(i));
                }
                return release(pair);
              });
    }
    Got.check(frames, got, pair.counts());
  }

  @Rule(id = "receive-5", says = "receive() returns 0 at once when there are no frames.")
  default void receiveReturnsWithoutFrames(Bench bench) throws Exception {
    Pair pair = bench.pair();
    End right = pair.right();
    for (int round = 0; round < 3; round++) {
      pair.mustCarrySome(round * 8);
      right
          .worker()
          .run(
              () -> {
                for (int i = 0; i < 100; i++) {
                  Check.same(0, right.in.receive(16), "frames received that nobody has sent");
                  Check.same(
                      0, ((SharedInbox) right.in).burst.count(), "frames added to the burst");
                }
                return true;
              });
    }
  }

  @Rule(id = "receive-6", says = "Released memory is used again: frames arrive without end.")
  default void releasedMemoryIsUsedAgain(Bench bench) throws Exception {
    Pair pair = bench.pair();
    for (int round = 0; round < 100; round++) {
      pair.mustCarry(pair.frames(round * End.WINDOW, End.WINDOW));
    }
  }

  @Rule(
      id = "receive-7",
      says =
          "Offload fields of a received frame lie within it, and nothing unnamed is set in them.")
  default void fieldsAreSound(Bench bench) throws Exception {
    Pair pair = bench.pair();
    List<Got> got = pair.carry(pair.frames(0, 20));
    Check.same(20, got.size(), "frames that arrived");
    got.forEach(Got::checkFields);
    Capabilities can = pair.left().uplink.transport().capabilities();
    if ((can.offloads() & Offloads.TSO4) != 0) {
      int segment = bench.usualMtu(pair.left().uplink) - 60;
      Superframe frame = new Superframe(true, true, OffloadRules.PAYLOAD, segment);
      pair.carryAll(List.of(frame.sent()), all -> frame.payloadOf(all) >= frame.payload())
          .forEach(Got::checkFields);
    }
  }
}
