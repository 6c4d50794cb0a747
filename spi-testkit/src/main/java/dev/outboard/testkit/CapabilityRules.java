package dev.outboard.testkit;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.Transport;
import java.util.ArrayList;
import java.util.List;

/** What a transport says that it can do is what it does. */
interface CapabilityRules {
  @Rule(id = "capabilities-1", says = "What a transport can do stays the same while it is open.")
  default void capabilitiesAreConstant(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Transport transport = pair.left().uplink.transport();
    Capabilities first = transport.capabilities();
    Check.same(first, transport.capabilities(), "the capabilities when asked again");
    pair.mustCarrySome(0);
    Check.same(first, transport.capabilities(), "the capabilities after some frames");
  }

  @Rule(
      id = "capabilities-2",
      says = "The capabilities are of the suite's scope, name known offloads, and allow frames.")
  default void capabilitiesMakeSense(Bench bench) throws Exception {
    Capabilities seen = bench.openLeft().transport().capabilities();
    Check.same(bench.kit().scope(), seen.scope(), "the scope");
    int known = Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6 | Offloads.USO;
    Check.that(
        (seen.offloads() & ~known) == 0,
        () -> "the offloads are %x, of which %x are known".formatted(seen.offloads(), known));
    Check.that(seen.maxMtu() >= Capabilities.LEAST_MTU, () -> "maxMtu is " + seen.maxMtu());
    Check.that(
        seen.maxFragments() >= Capabilities.LEAST_FRAGMENTS,
        () -> "maxFragments is " + seen.maxFragments());
  }

  @Rule(
      id = "capabilities-3",
      says = "Frames with a payload of up to maxMtu bytes arrive byte for byte.")
  default void framesUpToTheMtuArrive(Bench bench) throws Exception {
    int maxMtu = bench.maxMtu();
    Pair pair = bench.pair(Bench.NETWORK, maxMtu);
    int longest = Frames.HEADER + maxMtu;
    int number = 0;
    for (int length = Frames.SHORTEST; length < longest; length += 1 + length / 5) {
      pair.mustCarry(List.of(pair.frame(number++, length)));
    }
    pair.mustCarry(List.of(pair.frame(number, longest - 1)));
    pair.mustCarry(List.of(pair.frame(number + 1, longest)));
  }

  @Rule(
      id = "capabilities-4",
      says = "Frames of up to maxFragments fragments arrive byte for byte, however they are cut.")
  default void framesUpToTheMostFragmentsArrive(Bench bench) throws Exception {
    Pair pair = bench.pair();
    int most = pair.left().uplink.transport().capabilities().maxFragments();
    int length = Frames.HEADER + bench.usualMtu(pair.left().uplink);
    List<Sent> frames = new ArrayList<>();
    // A fragment has a byte at least.
    int wanted = Math.min(most, length - 1);
    for (int fragments = 1; fragments <= wanted; fragments += 1 + fragments / 3) {
      frames.add(pair.frame(fragments, length).cutInto(fragments));
    }
    frames.add(pair.frame(wanted, length).cutInto(wanted));
    for (Sent frame : frames) {
      pair.mustCarry(List.of(frame));
    }
  }
}
