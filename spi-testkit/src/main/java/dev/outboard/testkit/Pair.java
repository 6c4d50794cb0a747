package dev.outboard.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Two ports that reach each other: frames go from left to right. Control thread. */
record Pair(End left, End right, Route route) {
  /** The same, with frames that go the other way. */
  Pair reversed() {
    return new Pair(right, left, new Route(route.back(), route.there()));
  }

  /** A frame with this number. */
  Sent frame(int number, int length) {
    return Sent.of(Frames.plain(left.place.guest(), right.place.guest(), number, length));
  }

  /** Frames with the numbers from {@code first} on, of many sizes. */
  List<Sent> frames(int first, int count) {
    List<Sent> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = first + i;
      frames.add(frame(number, Frames.SHORTEST + number * 37 % 1200));
    }
    return frames;
  }

  /** Sends frames while the other side receives; what has arrived in the time that there is. */
  List<Got> carry(List<Sent> frames) {
    return carry(frames, () -> 0);
  }

  /** The same, where some may be lost: it waits for as many less. */
  List<Got> carry(List<Sent> frames, LongSupplier lost) {
    return carryAll(frames, all -> all.size() + lost.getAsLong() >= frames.size());
  }

  /** The same, until what has arrived is enough. */
  List<Got> carryAll(List<Sent> frames, Predicate<List<Got>> enough) {
    FutureTask<List<Got>> receiving = right.worker().start(() -> right.collectNow(enough));
    int accepted = left.send(frames, route.hop());
    List<Got> got = right.worker().join(receiving);
    Check.that(
        accepted == frames.size(),
        () -> "%d of %d frames were accepted".formatted(accepted, frames.size()));
    return got;
  }

  /** Sends frames, all of which must arrive as they are and in order. */
  void mustCarry(List<Sent> frames) {
    Got.check(frames, carry(frames), counts());
  }

  /** Carries a few frames of many sizes. */
  void mustCarrySome(int first) {
    mustCarry(frames(first, 8));
  }

  /** How long to wait for what must happen, in nanoseconds. */
  long patience() {
    return left.patience;
  }

  /** What both sides have counted. */
  String counts() {
    String counts = left.uplink.host().counts();
    return left.uplink == right.uplink ? counts : counts + " and " + right.uplink.host().counts();
  }

  long counted() {
    long counted = left.uplink.host().counted();
    return left.uplink == right.uplink ? counted : counted + right.uplink.host().counted();
  }
}
