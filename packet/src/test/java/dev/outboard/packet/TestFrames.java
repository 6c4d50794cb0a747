package dev.outboard.packet;

import dev.outboard.packet.TestFrame.Extension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random frames for properties. */
final class TestFrames {
  private static final int LONGEST_EXTENSIONS = 64;

  private TestFrames() {}

  /** Super-frames of all kinds, with every header that may stand between. */
  static Arbitrary<TestFrame> superFrames() {
    Arbitrary<Boolean> either = Arbitraries.of(true, false);
    Arbitrary<Integer> words = Arbitraries.integers().between(0, 10).map(n -> n * 4);
    return Combinators.combine(
            either, either, words, extensions(), words, flags(), sizes(), numbers())
        .as(
            (ipv4, tcp, options, extensions, tcpOptions, flags, sizes, numbers) ->
                new TestFrame(
                    ipv4,
                    tcp,
                    ipv4 ? options : 0,
                    ipv4 ? List.of() : extensions,
                    tcp ? tcpOptions : 0,
                    flags,
                    sizes[0],
                    sizes[1],
                    (int) (long) numbers,
                    (int) (numbers >>> 32) & 0xffff,
                    numbers));
  }

  /** Of those, what a receiver joins: TCP in the middle of a stream, in two segments at least. */
  static Arbitrary<TestFrame> joinable() {
    return superFrames()
        .map(
            f ->
                new TestFrame(
                    f.ipv4(),
                    true,
                    0,
                    f.extensions(),
                    f.tcpOptions(),
                    TestFrame.ACK | (f.flags() & TestFrame.PSH),
                    Math.max(f.payload(), f.segmentSize() + 1),
                    f.segmentSize(),
                    f.sequence(),
                    f.id(),
                    f.seed()));
  }

  private static Arbitrary<Long> numbers() {
    return Arbitraries.longs();
  }

  private static Arbitrary<Integer> flags() {
    return Arbitraries.integers().between(0, 255);
  }

  /** Payload and segment size, such that there are at most some hundred segments. */
  private static Arbitrary<int[]> sizes() {
    Arbitrary<Integer> payload =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 3000), Arbitraries.integers().between(0, 65_000));
    return payload.flatMap(
        p -> Arbitraries.integers().between(1 + p / 200, 9000).map(size -> new int[] {p, size}));
  }

  /** Hop-by-hop options first if at all, then the others in any order. */
  private static Arbitrary<List<Extension>> extensions() {
    Arbitrary<Integer> size = Arbitraries.integers().between(1, 4).map(n -> n * 8);
    Arbitrary<Extension> later =
        Combinators.combine(Arbitraries.of(TestFrame.ROUTING, TestFrame.DESTINATION), size)
            .as(Extension::new);
    return Combinators.combine(Arbitraries.of(0, 8, 16), later.list().ofMaxSize(3))
        .as(
            (hopByHop, others) -> {
              List<Extension> all = new ArrayList<>();
              if (hopByHop > 0) {
                all.add(new Extension(TestFrame.HOP_BY_HOP, hopByHop));
              }
              all.addAll(others);
              return all;
            })
        .filter(all -> all.stream().mapToInt(Extension::bytes).sum() <= LONGEST_EXTENSIONS);
  }

  /** Lengths of fragments, odd ones and empty ones too. */
  static Arbitrary<int[]> cuts() {
    return Arbitraries.integers()
        .between(0, 3000)
        .array(int[].class)
        .ofMinSize(1)
        .ofMaxSize(6)
        .filter(cuts -> Arrays.stream(cuts).sum() > 200);
  }
}
