package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The shared uplinks as one worker has them: who is asked for frames, and who tells. Used by the
 * worker's thread.
 */
final class Uplinks {
  /** How long a port may go on reading what it has accepted, when somebody waits for it. */
  private static final long LONGEST_HOLD_NANOS = 1_000_000_000;

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
    uplink.egress.bind(
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
    long deadline = System.nanoTime() + LONGEST_HOLD_NANOS;
    while (uplink.egress.holds > 0 && System.nanoTime() < deadline) {
      forwarder.heldBursts().reclaim(uplink.egress);
      Thread.onSpinWait();
    }
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
    if (uplink == null || uplink.awake || uplink.egress.isBroken()) {
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
      if (uplink == null) {
        continue;
      }
      if (uplink.egress.holds > 0) {
        reclaim(uplink, now);
      }
      if (uplink.awake) {
        worked |= serve(uplink, now);
      }
    }
    return worked;
  }

  /**
   * Waits until no port holds frames of queues that are about to be given up; not for ever.
   *
   * @param accessible whether the queues may be touched
   */
  void letGo(TransmitSide[] sides, boolean accessible) {
    long deadline = 0;
    for (TransmitSide side : sides) {
      while (side.holds > 0) {
        if (deadline == 0) {
          deadline = System.nanoTime() + LONGEST_HOLD_NANOS;
        } else if (System.nanoTime() > deadline) {
          failHolders();
          break;
        }
        reclaim();
      }
      forwarder.heldBursts().leave(side, accessible);
    }
  }

  /** One that has failed gets as long as one that somebody waits for. */
  private void reclaim(SharedUplink uplink, long now) {
    if (uplink.egress.failed && now - uplink.egress.failedAt > LONGEST_HOLD_NANOS) {
      giveUp(uplink);
    } else {
      forwarder.heldBursts().reclaim(uplink.egress);
    }
  }

  private void reclaim() {
    for (SharedUplink uplink : byNumber) {
      if (uplink != null && uplink.egress.holds > 0) {
        forwarder.heldBursts().reclaim(uplink.egress);
      }
    }
    Thread.onSpinWait();
  }

  private void failHolders() {
    for (SharedUplink uplink : byNumber) {
      if (uplink != null && uplink.egress.holds > 0) {
        giveUp(uplink);
      }
    }
  }

  /** Takes a port from its worker for good: only then nothing of what it has held is read. */
  private void giveUp(SharedUplink uplink) {
    if (!uplink.egress.isBroken()) {
      uplink.egress.broken("it has not let go of frames for a second, and is not used any more");
    }
    uplink.unbind();
    forwarder.heldBursts().abandon(uplink.egress);
  }

  private boolean serve(SharedUplink uplink, long now) {
    if (uplink.egress.isBroken()) {
      leaveAlone(uplink, now);
      return false;
    }
    if (forwarder.receive(uplink, now)) {
      uplink.quietSince = 0;
      return true;
    }
    if (uplink.quietSince == 0) {
      uplink.quietSince = now;
    } else if (now - uplink.quietSince > uplink.patience.nanos() && uplink.arm()) {
      leaveAlone(uplink, now);
    }
    return false;
  }

  private void leaveAlone(SharedUplink uplink, long now) {
    uplink.awake = false;
    uplink.leftAt = now;
    awake--;
  }

  /** The share that was being called when an InternalError came, or null. */
  Egress takeFaulted() {
    Egress found = null;
    for (SharedUplink uplink : byNumber) {
      if (uplink != null && uplink.egress.takeFaulted()) {
        found = uplink.egress;
      }
    }
    return found;
  }
}
