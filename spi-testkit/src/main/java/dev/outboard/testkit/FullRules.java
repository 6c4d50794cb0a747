package dev.outboard.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

/**
 * What a port does that has no room for more frames. One that never says so, since it drops and
 * counts instead, has little to show here.
 */
interface FullRules {
  /** So many frames without a reader fill whatever can become full. */
  int MANY = 4096;

  int LAST = 1 << 20;
  long ATTEMPT_NANOS = 50_000_000;

  /** A port that keeps frames for so long has nowhere to send them. */
  long SLOW_NANOS = 20_000_000;

  /** Sends to a side that receives nothing, until the port takes no more; how many it took. */
  static int fillUp(Pair pair) {
    End left = pair.left();
    return left.worker()
        .run(
            () -> {
              int accepted = 0;
              while (accepted < MANY) {
                left.fill(pair.frames(accepted, End.WINDOW), Bench.NETWORK, pair.route().hop());
                int done = 0;
                int more = 1;
                while (more > 0 && done < End.WINDOW) {
                  more = left.transmit(done, End.WINDOW - done);
                  done += more;
                }
                left.port.flush();
                accepted += done;
                long start = System.nanoTime();
                boolean free = left.awaitTokens();
                if (!free || done < End.WINDOW || System.nanoTime() - start > SLOW_NANOS) {
                  break;
                }
              }
              return accepted;
            });
  }

  /**
   * Has the other side take everything, and sends a frame more, again and again until one has come
   * through: a transport that drops may have no room for the first ones. What has arrived; null if
   * none came through.
   */
  static List<Got> drain(Pair pair) {
    End right = pair.right();
    List<Got> all = new ArrayList<>();
    long deadline = System.nanoTime() + pair.patience();
    for (int attempt = 0; System.nanoTime() < deadline; attempt++) {
      long end = System.nanoTime() + ATTEMPT_NANOS;
      FutureTask<List<Got>> receiving =
          right
              .worker()
              .start(() -> right.collectNow(got -> isLast(got) || System.nanoTime() > end));
      int accepted = pair.left().send(List.of(pair.frame(LAST + attempt, 100)), pair.route().hop());
      all.addAll(right.worker().join(receiving));
      if (accepted == 1 && isLast(all)) {
        return all;
      }
    }
    return null;
  }

  private static boolean isLast(List<Got> got) {
    return !got.isEmpty() && Frames.number(got.getLast().bytes()) >= LAST;
  }

  @Rule(
      id = "full-1",
      says = "A port that is full takes fewer frames than it is offered, and returns at once.")
  default void aFullPortReturns(Bench bench) throws Exception {
    Pair pair = bench.pair();
    int accepted = fillUp(pair);
    Check.that(accepted > 0, () -> "not one frame was accepted");
  }

  @Rule(
      id = "full-2",
      says =
          "What a full port has not accepted it does not send, and what it accepts it sends once.")
  default void onlyAcceptedFramesLeave(Bench bench) throws Exception {
    Pair pair = bench.pair();
    int accepted = fillUp(pair);
    List<Got> got = drain(pair);
    Check.that(got != null, () -> "no frame passed when there was room again");
    int before = -1;
    for (Got one : got) {
      int number = Frames.number(one.bytes());
      int last = before;
      Check.that(
          number > last && (number < accepted || number >= LAST),
          () ->
              "frame %d came behind frame %d, %d were accepted".formatted(number, last, accepted));
      before = number;
    }
  }

  @Rule(id = "full-3", says = "A port that was full takes frames again when there is room.")
  default void thereIsRoomAgain(Bench bench) throws Exception {
    Pair pair = bench.pair();
    int accepted = fillUp(pair);
    List<Got> got = drain(pair);
    Check.that(
        got != null,
        () -> "after %d frames none passed, ever; %s".formatted(accepted, pair.counts()));
  }
}
