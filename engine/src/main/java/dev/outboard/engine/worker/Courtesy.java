package dev.outboard.engine.worker;

import dev.outboard.linux.ContextSwitches;

/**
 * Lets others have the processor while a worker polls in vain, where there are others. The worker's
 * thread.
 *
 * <p>Theory of operation. On a processor of its own a worker loses by every system call it makes
 * between two looks. On one that it shares, it is the guest's thread that would make the next
 * frame, and every look in vain keeps it from that; to go to sleep instead costs a kick and a
 * wake-up each time, which is most of a round trip. To yield costs neither. Whether there are
 * others nobody says, but a yield in which the kernel has switched to another thread shows it: then
 * the worker yields after every look, until a good number in a row found nobody; otherwise it only
 * tries now and then. That a yield took long shows it, too, but not for sure: an interrupt, or the
 * host of a virtual machine, takes as long; and others that give the processor back at once make
 * none long. So the kernel is asked, which costs a call: after each try, after a yield that took
 * long, and before the worker believes that it is alone again.
 */
final class Courtesy {
  /** How many looks in vain lie between two tries, a power of two. */
  private static final int TRY_EVERY = 4096;

  /** A yield that finds nobody takes half of this at most, if nothing interrupts it. */
  private static final long ALONE_NANOS = 1_500;

  /** How many yields have to find nobody, to believe it. */
  private static final int DOUBTS = 1_000;

  /** So many switches in as many yields are what the kernel's own threads may make. */
  private static final int FEW = DOUBTS / 100;

  private int looks;
  private int doubts;

  private final ContextSwitches switches = new ContextSwitches();

  /** How many there were when this was last looked at. */
  private long known;

  /** The worker has looked in vain and will look again. */
  @SuppressWarnings("ThreadPriorityCheck")
  void idle() {
    if (doubts == 0 && (++looks & (TRY_EVERY - 1)) != 0) {
      return;
    }
    long start = System.nanoTime();
    boolean trying = doubts == 0;
    long before = trying ? switches.count() : known;
    Thread.yield();
    if (trying || System.nanoTime() - start > ALONE_NANOS) {
      known = switches.count();
      doubts = known != before ? DOUBTS : doubts;
    }
    if (doubts > 0 && --doubts == 0) {
      askForMany();
    }
  }

  /** Goes on if the yields found somebody though none of them took long. */
  private void askForMany() {
    long now = switches.count();
    doubts = now - known > FEW ? DOUBTS : 0;
    known = now;
  }
}
