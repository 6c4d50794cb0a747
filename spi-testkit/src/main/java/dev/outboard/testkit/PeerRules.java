package dev.outboard.testkit;

import dev.outboard.spi.NextHop;
import dev.outboard.spi.Transport;
import java.util.List;

/** Whom a worker's port sends to, and from whom it accepts frames. */
interface PeerRules {
  int OTHER_NETWORK = Bench.NETWORK + 2;

  @Rule(
      id = "peer-1",
      says = "Asked for the same peer and network again, a transport gives the same number.")
  default void thePeerHasOneNumber(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Transport left = pair.left().uplink.transport();
    String endpoint = pair.right().uplink.side().endpoint();
    NextHop again = left.openPeer(Bench.NETWORK, endpoint);
    Check.same(pair.route().hop(), again.number(), "the number, asked for again");
    again.close();
  }

  @Rule(id = "peer-2", says = "A peer has a number of its own in each network.")
  default void networksAreApart(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Transport left = pair.left().uplink.transport();
    NextHop other = left.openPeer(OTHER_NETWORK, pair.right().uplink.side().endpoint());
    Check.that(
        other.number() != pair.route().hop(),
        () -> "the peer is number %d in two networks".formatted(other.number()));
    other.close();
  }

  @Rule(id = "peer-3", says = "Each opening of a peer is closed for itself.")
  default void openingsAreCounted(Bench bench) throws Exception {
    Pair pair = bench.pair();
    String there = pair.right().uplink.side().endpoint();
    String here = pair.left().uplink.side().endpoint();
    pair.left().uplink.openPeer(Bench.NETWORK, there).close();
    NextHop back = pair.right().uplink.openPeer(Bench.NETWORK, here);
    back.close();
    back.close();
    pair.mustCarrySome(0);
  }

  @Rule(
      id = "peer-4",
      says = "A frame to a peer that is closed is dropped and counted, and holds nothing up.")
  default void closedPeersGetNothing(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    Route second = bench.kit().connect(pair.left().uplink, pair.right().uplink, OTHER_NETWORK);
    int closed = second.hop();
    second.there().close();
    long before = pair.left().uplink.host().counted();
    int accepted =
        pair.left()
            .worker()
            .run(() -> pair.left().sendNow(pair.frames(50, 4), OTHER_NETWORK, closed));
    Check.same(4, accepted, "accepted frames");
    List<Got> got = pair.carry(pair.frames(60, 8));
    Got.check(pair.frames(60, 8), got, pair.counts());
    Check.same(4L, pair.left().uplink.host().counted() - before, "frames counted as dropped");
  }

  @Rule(id = "peer-5", says = "A frame from a peer that is closed is not yielded, and is counted.")
  default void closedPeersAreNotHeard(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    pair.route().back().close();
    notYielded(pair, Bench.NETWORK, pair.route().hop());
  }

  @Rule(
      id = "peer-6",
      says = "A frame in a network that its sender is no peer of is not yielded, and is counted.")
  default void foreignNetworksAreNotHeard(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    NextHop hop = pair.left().uplink.openPeer(OTHER_NETWORK, pair.right().uplink.side().endpoint());
    notYielded(pair, OTHER_NETWORK, hop.number());
  }

  @Rule(
      id = "peer-7",
      says = "A frame from an uplink that is no peer at all is not yielded, and is counted.")
  default void strangersAreNotHeard(Bench bench) throws Exception {
    Uplink left = bench.openLeft();
    Uplink right = bench.openRight();
    NextHop there = left.openPeer(Bench.NETWORK, right.side().endpoint());
    Pair pair =
        new Pair(
            bench.openBound(left, Frames.LEFT, 0),
            bench.openBound(right, Frames.RIGHT, 0),
            new Route(there, null));
    notYielded(pair, Bench.NETWORK, there.number());
  }

  private static void notYielded(Pair pair, int network, int hop) {
    long before = pair.right().uplink.host().counted();
    int accepted =
        pair.left().worker().run(() -> pair.left().sendNow(pair.frames(50, 4), network, hop));
    Check.same(4, accepted, "accepted frames");
    List<Got> got =
        pair.right()
            .worker()
            .run(
                () ->
                    pair.right()
                        .collectNow(
                            all ->
                                all.size() + pair.right().uplink.host().counted() - before >= 4));
    Check.that(got.isEmpty(), () -> got.size() + " of 4 frames were yielded; " + pair.counts());
    Check.same(4L, pair.right().uplink.host().counted() - before, "frames that were counted");
  }

  @Rule(id = "peer-8", says = "Text that is no endpoint is refused by one line.")
  default void nonsenseIsNoEndpoint(Bench bench) throws Exception {
    Transport transport = bench.openLeft().transport();
    for (String text : new String[] {"", "? ?", "\t%\n%"}) {
      String _ =
          Check.refused(
              "the endpoint '%s'".formatted(text.replaceAll("\\s", " ")),
              () -> transport.openPeer(Bench.NETWORK, text).close());
    }
  }

  @Rule(
      id = "peer-9",
      says = "A transport with ports for workers refuses ports for guests, by one line.")
  default void guestsPortsAreRefused(Bench bench) throws Exception {
    Uplink uplink = bench.openLeft();
    End.Place place = new End.Place(Frames.LEFT, 0, Bench.NETWORK, bench.usualMtu(uplink));
    String _ =
        Check.refused(
            "openPort()", () -> uplink.transport().openPort(place.spec(uplink.host())).close());
  }

  @Rule(
      id = "peer-10",
      says = "Each worker has a port of its own: frames leave by any, and arrive at one of them.")
  default void eachWorkerHasAPort(Bench bench) throws Exception {
    Pair first = bench.pair();
    End left = bench.openBound(first.left().uplink, Frames.LEFT, 1);
    End right = bench.openBound(first.right().uplink, Frames.RIGHT, 1);
    for (int round = 0; round < 8; round++) {
      End sender = round % 2 == 0 ? first.left() : left;
      Sent frame = first.frame(round, 200).ofFlow(round);
      int accepted = sender.send(List.of(frame), first.route().hop());
      Check.same(1, accepted, "accepted frames");
      Got.check(List.of(frame), Waking.fromEither(first.right(), right), first.counts());
    }
  }
}
