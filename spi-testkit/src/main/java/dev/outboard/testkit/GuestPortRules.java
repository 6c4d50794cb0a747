package dev.outboard.testkit;

import dev.outboard.spi.Offloads;
import dev.outboard.spi.Transport;
import java.util.List;

/** What holds for the port of a single guest. */
interface GuestPortRules {
  @Rule(id = "guest-1", says = "An MTU above maxMtu is refused by a line that names both.")
  default void aLargeMtuIsRefused(Bench bench) throws Exception {
    Uplink uplink = bench.openLeft();
    int most = uplink.transport().capabilities().maxMtu();
    End.Place place = new End.Place(Frames.LEFT, 0, Bench.NETWORK, most + 1);
    String line = Check.refused("a port of MTU " + place.mtu(), () -> bench.openEnd(uplink, place));
    Check.that(
        line.contains(String.valueOf(most)) && line.contains(String.valueOf(most + 1)),
        () -> "'%s' does not name %d and %d".formatted(line, most, most + 1));
  }

  @Rule(
      id = "guest-2",
      says = "A transport with ports for guests refuses ports for workers, by one line.")
  default void workersPortsAreRefused(Bench bench) throws Exception {
    Transport transport = bench.openLeft().transport();
    String _ = Check.refused("openSharedPort(0)", () -> transport.openSharedPort(0).close());
  }

  @Rule(id = "guest-3", says = "A transport with ports for guests refuses peers, by one line.")
  default void peersAreRefused(Bench bench) throws Exception {
    Transport transport = bench.openLeft().transport();
    String _ =
        Check.refused(
            "openPeer(7, somebody)", () -> transport.openPeer(Bench.NETWORK, "somebody").close());
  }

  @Rule(
      id = "guest-4",
      says = "A port may be bound again, to another worker; frames that came meanwhile are kept.")
  default void aPortMayMove(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    End right = pair.right();
    for (int round = 1; round <= 3; round++) {
      right.unbind();
      List<Sent> meanwhile = pair.frames(round * 100, 4);
      int _ = pair.left().send(meanwhile, 0);
      right.bind(bench.worker(right.uplink, 1 + round % 2));
      Got.check(meanwhile, right.collect(meanwhile.size()), pair.counts());
      pair.mustCarrySome(round * 100 + 50);
      pair.reversed().mustCarrySome(round * 100 + 70);
    }
  }

  @Rule(id = "guest-5", says = "Drop counters are asked for only while the port is opened.")
  default void countersAreMadeWithThePort(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    // To nobody: such frames may have to be counted.
    byte[] lost = Frames.plain(Frames.LEFT, 99, 1, 100);
    int _ = pair.left().send(List.of(Sent.of(lost)), 0);
    bench.closeRight(pair);
    Check.same(List.of(), pair.left().uplink.host().lateCounters, "counters asked for later");
  }

  @Rule(
      id = "guest-6",
      says = "What a port yields needs only offloads that receiveOffloads has allowed.")
  default void onlyAllowedOffloadsAreNeeded(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Superframe frame = superframe(bench, pair);
    bench.allow(pair.right(), 0);
    List<Got> got =
        pair.carryAll(List.of(frame.sent()), all -> frame.payloadOf(all) >= frame.payload());
    for (Got one : got) {
      Check.same(0, Superframe.needs(one), "offloads that are needed and were not allowed");
    }
  }

  @Rule(
      id = "guest-7",
      says =
          "When receiveOffloads allows less, what was queued is made fit, or dropped and counted.")
  default void queuedFramesAreMadeFit(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Superframe frame = superframe(bench, pair);
    bench.allow(pair.right(), pair.left().uplink.transport().capabilities().offloads());
    int _ = pair.left().send(List.of(frame.sent()), 0);
    long before = pair.counted();
    bench.allow(pair.right(), 0);
    List<Got> got =
        pair.right()
            .worker()
            .run(
                () ->
                    pair.right()
                        .collectNow(
                            all ->
                                pair.counted() > before
                                    || frame.payloadOf(all) >= frame.payload()));
    for (Got one : got) {
      Check.same(0, Superframe.needs(one), "offloads that are needed and not allowed any more");
    }
    pair.mustCarrySome(0);
  }

  private static Superframe superframe(Bench bench, Pair pair) {
    int offered = pair.left().uplink.transport().capabilities().offloads();
    Undeclared.unless((offered & Offloads.TSO4) != 0, "this transport takes no super-frames");
    return new Superframe(
        true, true, OffloadRules.PAYLOAD, bench.usualMtu(pair.left().uplink) - 60);
  }
}
