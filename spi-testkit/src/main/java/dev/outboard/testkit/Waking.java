package dev.outboard.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/** How a sleeping worker learns of frames: the same for both scopes. */
final class Waking {
  private static final int ROUNDS = 1_000;
  private static final int LONGEST_DELAY = 400;

  private Waking() {}

  /** Frames that come to a worker that sleeps must wake it, several times. */
  static void tells(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    for (int round = 0; round < 4; round++) {
      End right = pair.right();
      right.worker().run(() -> fallAsleep(pair));
      Sent frame = pair.frame(round, 100);
      int _ = pair.left().send(List.of(frame), pair.route().hop());
      boolean told = right.worker().run(() -> sleep(pair));
      Check.that(told, () -> "a frame arrived, and the sleeping worker was not told");
      Got.check(List.of(frame), right.collect(1), pair.counts());
    }
  }

  /** Receives until there is nothing and the port is armed. */
  private static boolean fallAsleep(Pair pair) {
    End right = pair.right();
    boolean asleep = false;
    long deadline = System.nanoTime() + pair.patience();
    while (!asleep && System.nanoTime() < deadline) {
      right.context.told = false;
      int count = right.in.receive(End.WINDOW);
      if (count > 0) {
        right.in.release();
      }
      asleep = count == 0 && right.in.arm() && !right.context.told;
    }
    Check.that(asleep, () -> "without frames arm() is false for ever");
    return asleep;
  }

  /** Sleeps until the worker is told of work; whether it was. */
  private static boolean sleep(Pair pair) {
    End right = pair.right();
    long deadline = System.nanoTime() + pair.patience();
    while (!right.context.told) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      right.worker().sleep(left);
    }
    return true;
  }

  /** Frames that are there before the worker means to sleep must keep it awake, or wake it. */
  static void keepsAwake(Bench bench) throws Exception {
    Pair pair = bench.pair();
    End right = pair.right();
    for (int round = 0; round < 20; round++) {
      List<Sent> frames = pair.frames(round * 5, 5);
      int _ = pair.left().send(frames, pair.route().hop());
      boolean told =
          right
              .worker()
              .run(
                  () -> {
                    right.context.told = false;
                    return !right.in.arm() || sleep(pair);
                  });
      Check.that(told, () -> "frames were waiting, and arm() let the worker sleep");
      Got.check(frames, right.collect(frames.size()), pair.counts());
    }
  }

  /** A frame that arrives just when the worker falls asleep is not overlooked. */
  static void race(Bench bench) throws Exception {
    Pair pair = bench.pair();
    AtomicInteger received = new AtomicInteger();
    FutureTask<String> receiving = pair.right().worker().start(() -> receive(pair, received));
    pair.left().worker().run(() -> send(pair, received));
    String lost = pair.right().worker().join(receiving);
    Check.that(lost == null, () -> lost);
  }

  private static String receive(Pair pair, AtomicInteger received) {
    End right = pair.right();
    while (received.get() < ROUNDS) {
      right.context.told = false;
      int count = right.in.receive(End.WINDOW);
      if (count > 0) {
        right.in.release();
        received.addAndGet(count);
      } else if (right.in.arm() && !sleep(pair)) {
        int waiting = right.in.receive(End.WINDOW);
        int rounds = received.getAndSet(ROUNDS);
        return "in round %d the worker slept although a frame had arrived (%d waited)"
            .formatted(rounds, waiting);
      }
    }
    return null;
  }

  private static boolean send(Pair pair, AtomicInteger received) {
    Random random = new Random(20_261_123);
    long deadline = System.nanoTime() + pair.patience();
    for (int round = 0; round < ROUNDS; round++) {
      Sent frame = pair.frame(round, 100);
      while (received.get() < round && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      for (int delay = random.nextInt(LONGEST_DELAY); delay > 0; delay--) {
        Thread.onSpinWait();
      }
      if (received.get() >= ROUNDS
          || pair.left().sendNow(List.of(frame), Bench.NETWORK, pair.route().hop()) == 0) {
        return false;
      }
      deadline = System.nanoTime() + pair.patience();
    }
    return true;
  }

  /** The next frames, at whichever of two ports they arrive. */
  static List<Got> fromEither(End one, End other) {
    long deadline = System.nanoTime() + one.patience;
    List<Got> got = new ArrayList<>();
    while (got.isEmpty() && System.nanoTime() < deadline) {
      for (End end : List.of(one, other)) {
        int _ = end.worker().run(() -> end.receiveNow(End.WINDOW, got));
      }
    }
    return got;
  }
}
