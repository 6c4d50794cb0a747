package dev.outboard.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Frames that a port goes on reading after it has accepted them. */
interface HoldRules {
  int FRAMES = 24;
  int LIMIT = 3;

  /** Two ports, if the transport holds frames at all. */
  private static Pair holding(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Undeclared.unless(
        pair.left().uplink.transport().capabilities().holdsFrames(),
        "this transport does not hold frames");
    return pair;
  }

  @Rule(
      id = "hold-1",
      says = "A transport that does not declare holdsFrames holds none, whatever their token.")
  default void undeclaredHoldingDoesNotHappen(Bench bench) throws Exception {
    Pair pair = bench.pair();
    Undeclared.unless(
        !pair.left().uplink.transport().capabilities().holdsFrames(),
        "this transport declares that it holds frames");
    End left = pair.left();
    int holds =
        left.worker()
            .run(
                () -> {
                  left.fill(pair.frames(0, FRAMES), Bench.NETWORK, pair.route().hop());
                  for (int i = 0; i < FRAMES; i++) {
                    left.out.burst.setToken(i, i);
                  }
                  int _ = left.port.transmit(left.out.burst, 0, FRAMES);
                  return left.out.burst.takeHolds();
                });
    Check.same(0, holds, "frames held");
  }

  /** Sends frames, four of a token; gives back how often each token came back. */
  private static Map<Long, Integer> returned(Pair pair, int limit, int[] holds) {
    End left = pair.left();
    long patience = pair.patience();
    return left.worker()
        .run(
            () -> {
              left.fill(pair.frames(0, FRAMES), Bench.NETWORK, pair.route().hop());
              for (int i = 0; i < FRAMES; i++) {
                left.out.burst.setToken(i, 500 + i / 4);
              }
              int accepted = left.port.transmit(left.out.burst, 0, FRAMES);
              left.port.flush();
              holds[0] = left.out.burst.takeHolds();
              Check.that(
                  holds[0] <= accepted,
                  () -> "%d holds for %d accepted frames".formatted(holds[0], accepted));
              return tokens(left, limit, holds[0], patience);
            });
  }

  private static Map<Long, Integer> tokens(End left, int limit, int holds, long patience) {
    Map<Long, Integer> returned = new HashMap<>();
    long[] tokens = new long[FRAMES];
    long deadline = System.nanoTime() + patience;
    int all = 0;
    // A few times more than needed: nothing must come twice.
    for (int idle = 0; idle < 20 && System.nanoTime() < deadline; ) {
      int count = left.port.reclaim(tokens, limit);
      Check.that(
          count >= 0 && count <= limit,
          () -> "reclaim of at most %d tokens returned %d".formatted(limit, count));
      for (int i = 0; i < count; i++) {
        returned.merge(tokens[i], 1, Integer::sum);
      }
      all += count;
      idle += all >= holds && count == 0 ? 1 : 0;
    }
    return returned;
  }

  @Rule(
      id = "hold-2",
      says = "Each held frame's token comes back: as often as it was held, not less.")
  default void everyTokenComesBack(Bench bench) throws Exception {
    int[] holds = new int[1];
    Map<Long, Integer> returned = returned(holding(bench), FRAMES, holds);
    int all = returned.values().stream().mapToInt(Integer::intValue).sum();
    Check.that(all >= holds[0], () -> "%d holds, and %d tokens came back".formatted(holds[0], all));
  }

  @Rule(id = "hold-3", says = "No token comes back more often than it was held.")
  default void noTokenComesBackTwice(Bench bench) throws Exception {
    int[] holds = new int[1];
    Map<Long, Integer> returned = returned(holding(bench), FRAMES, holds);
    returned.forEach(
        (token, times) ->
            Check.that(
                token >= 500 && token < 500 + FRAMES / 4 && times <= 4,
                () -> "token %d, held 4 times at most, came %d times".formatted(token, times)));
    int all = returned.values().stream().mapToInt(Integer::intValue).sum();
    Check.that(all <= holds[0], () -> "%d holds, and %d tokens came back".formatted(holds[0], all));
  }

  @Rule(id = "hold-4", says = "reclaim() gives no more tokens at a time than it is asked for.")
  default void reclaimKeepsItsLimit(Bench bench) throws Exception {
    int[] holds = new int[1];
    Map<Long, Integer> _ = returned(holding(bench), LIMIT, holds);
  }

  @Rule(id = "hold-5", says = "The first fragment of a held frame is read during transmit only.")
  default void headersAreNotReadLater(Bench bench) throws Exception {
    Pair pair = holding(bench);
    pair.left().keepsPayload = true;
    for (int round = 0; round < 10; round++) {
      pair.mustCarry(pair.frames(round * FRAMES, FRAMES));
    }
  }

  @Rule(
      id = "hold-6",
      says = "The payload of a held frame is not read any more when its token has come back.")
  default void payloadIsNotReadAfterItsToken(Bench bench) throws Exception {
    Pair pair = holding(bench);
    pair.left().keepsHeaders = true;
    for (int round = 0; round < 10; round++) {
      pair.mustCarry(pair.frames(round * FRAMES, FRAMES));
    }
  }

  @Rule(
      id = "hold-7",
      says = "A frame without a token is finished when transmit returns, and keeps its place.")
  default void framesWithoutTokenAreFinished(Bench bench) throws Exception {
    Pair pair = holding(bench);
    for (int round = 0; round < 10; round++) {
      List<Sent> frames = new ArrayList<>();
      List<Sent> all = pair.frames(round * FRAMES, FRAMES);
      for (int i = 0; i < FRAMES; i++) {
        frames.add(i % 5 == 3 ? all.get(i).withoutToken() : all.get(i));
      }
      pair.mustCarry(frames);
    }
  }

  @Rule(id = "hold-8", says = "Held frames come back although the other side takes none.")
  default void aSlowReaderKeepsNoTokens(Bench bench) throws Exception {
    Pair pair = holding(bench);
    int _ = FullRules.fillUp(pair);
    boolean back = pair.left().worker().run(() -> pair.left().awaitTokens());
    Check.that(back, () -> pair.left().held() + " tokens never came back");
  }

  @Rule(id = "hold-9", says = "Held frames come back although the other side is gone.")
  default void aLostPeerKeepsNoTokens(Bench bench) throws Exception {
    Pair pair = holding(bench);
    pair.mustCarrySome(0);
    bench.closeRight(pair);
    End left = pair.left();
    left.worker()
        .run(
            () -> {
              left.fill(pair.frames(0, FRAMES), Bench.NETWORK, pair.route().hop());
              int _ = left.transmit(0, FRAMES);
              left.port.flush();
              return left.awaitTokens();
            });
    Check.that(left.held() == 0, () -> left.held() + " tokens never came back");
  }

  @Rule(id = "hold-10", says = "An unbound port reads nothing that it held.")
  default void nothingIsReadAfterUnbind(Bench bench) throws Exception {
    Pair pair = holding(bench);
    pair.mustCarrySome(0);
    End left = pair.left();
    List<Sent> frames = pair.frames(8, FRAMES);
    left.worker()
        .run(
            () -> {
              left.fill(frames, Bench.NETWORK, pair.route().hop());
              int accepted = left.transmit(0, FRAMES);
              left.unbindNow();
              for (int i = 0; i < accepted; i++) {
                left.out.scribblePayload(i);
              }
              return accepted;
            });
    bench.closeUnbound(left);
    List<Got> got =
        pair.right()
            .worker()
            .run(
                () -> {
                  List<Got> all = new ArrayList<>();
                  int idle = 0;
                  while (idle < 100 && all.size() < FRAMES) {
                    idle += pair.right().receiveNow(End.WINDOW, all) == 0 ? 1 : 0;
                  }
                  return all;
                });
    for (Got one : got) {
      int number = Frames.number(one.bytes());
      Check.that(number >= 8 && number < 8 + FRAMES, () -> "a frame with the number " + number);
      String difference = Frames.difference(frames.get(number - 8).bytes(), one.bytes());
      Check.that(difference == null, () -> difference);
    }
  }
}
