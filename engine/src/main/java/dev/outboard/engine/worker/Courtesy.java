package dev.outboard.engine.worker;

/**
 * Lets others have the processor while a worker polls in vain, where there are others. The worker's
 * thread.
 *
 * <p>Theory of operation. On a processor of its own a worker loses by every system call it makes
 * between two looks. On one that it shares, it is the guest's thread that would make the next
 * frame, and every look in vain keeps it from that; to go to sleep instead costs a kick and a
 * wake-up each time, which is most of a round trip. To yield costs neither. Whether there are
 * others nobody says, but a yield that takes longer than the call itself shows it: then the worker
 * yields after every look, until a good number in a row came back at once; otherwise it only tries
 * now and then.
 */
final class Courtesy {
  /** How many looks in vain lie between two tries, a power of two. */
  private static final int TRY_EVERY = 4096;

  /** A yield that finds nobody takes a quarter of this. */
  private static final long ALONE_NANOS = 1_500;

  /** How many yields have to find nobody, to believe it. */
  private static final int DOUBTS = 1_000;

  private int looks;
  private int doubts;

  /** The worker has looked in vain and will look again. */
  @SuppressWarnings("ThreadPriorityCheck")
  void idle() {
    if (doubts == 0 && (++looks & (TRY_EVERY - 1)) != 0) {
      return;
    }
    long start = System.nanoTime();
    Thread.yield();
    if (System.nanoTime() - start > ALONE_NANOS) {
      doubts = DOUBTS;
    } else if (doubts > 0) {
      doubts--;
    }
  }
}
