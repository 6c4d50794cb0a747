package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The shared uplinks as one worker has them: who is asked for frames, and who tells. Used by the
 * worker's thread.
 */
final class Uplinks {
  private final Worker worker;
  private final Notifier notifier;
  private final Forwarder forwarder;
  private final long quietNanos;
  private final Consumer<String> problems;
  private SharedUplink[] byNumber = new SharedUplink[0];
  private int count;
  private int awake;

  Uplinks(
      Worker worker,
      Notifier notifier,
      Forwarder forwarder,
      long quietNanos,
      Consumer<String> problems) {
    this.worker = worker;
    this.notifier = notifier;
    this.forwarder = forwarder;
    this.quietNanos = quietNanos;
    this.problems = problems;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** How many are asked for frames. */
  int awake() {
    return awake;
  }

  void open(SharedUplink uplink) {
    int number = uplink.number;
    if (number >= byNumber.length) {
      byNumber = Arrays.copyOf(byNumber, number + 1);
      forwarder.setUplinks(byNumber);
    }
    byNumber[number] = uplink;
    count++;
    awake++;
    uplink.patience = new Patience(quietNanos);
    uplink.port.bind(
        new PortContext(
            worker,
            notifier,
            Kicks.uplinkToken(number),
            () -> wake(number, System.nanoTime()),
            line -> problems.accept("uplink '" + uplink.name + "': " + line)));
  }

  void close(int number) {
    SharedUplink uplink = byNumber[number];
    byNumber[number] = null;
    count--;
    awake -= uplink.awake ? 1 : 0;
    uplink.unbind();
  }

  void closeAll() {
    for (int number = 0; number < byNumber.length; number++) {
      if (byNumber[number] != null) {
        close(number);
      }
    }
  }

  /** Its fd or its transport says that there may be frames. */
  void wake(int number, long now) {
    SharedUplink uplink = number < byNumber.length ? byNumber[number] : null;
    if (uplink == null || uplink.awake) {
      return;
    }
    uplink.awake = true;
    awake++;
    uplink.quietSince = 0;
    uplink.patience.rested(now - uplink.leftAt);
  }

  /** Delivers what has come in; returns whether there was anything. */
  boolean serve(long now) {
    boolean worked = false;
    for (SharedUplink uplink : byNumber) {
      if (uplink != null && uplink.awake) {
        worked |= serve(uplink, now);
      }
    }
    return worked;
  }

  private boolean serve(SharedUplink uplink, long now) {
    if (forwarder.receive(uplink, now)) {
      uplink.quietSince = 0;
      return true;
    }
    if (uplink.quietSince == 0) {
      uplink.quietSince = now;
    } else if (now - uplink.quietSince > uplink.patience.nanos() && uplink.port.arm()) {
      uplink.awake = false;
      uplink.leftAt = now;
      awake--;
    }
    return false;
  }
}
