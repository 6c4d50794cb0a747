package dev.outboard.engine.worker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Frees threads that a doorbell holds fast. One for the process, for whoever rings eventfds of a
 * VMM; its thread sleeps while nobody rings.
 *
 * <p>Theory of operation. A call eventfd belongs to the VMM. We make it non-blocking when it
 * arrives, but that is a property of the open file, which the VMM shares: it can be taken back at
 * any moment, and a write to an eventfd whose counter is at its maximum then waits for ever. There
 * is no write that never waits for an eventfd (RWF_NOWAIT is for reads), and an eventfd can't be
 * opened a second time. So every thread says here which lines it is ringing, one or a batch. One
 * that has been at the same ring for a tick, of a counter that is full, is stuck; if no counter is
 * full it waits for a processor only. The counter is then read empty, by a read that never waits,
 * until the thread is through, and the line is never rung again, which ends its guest's session. A
 * VMM that fills the counter as fast as it can only makes that take some rounds more.
 */
final class BellWatch {
  private static final long TICK_NANOS = 10_000_000L;

  /** So many ticks without a ring, and the watch sleeps until there is one. */
  private static final int QUIET_TICKS = 100;

  private static final List<Post> POSTS = new CopyOnWriteArrayList<>();
  private static final ThreadLocal<Post> OWN = ThreadLocal.withInitial(BellWatch::newPost);
  private static final Thread THREAD =
      Thread.ofPlatform().name("outboard-bell-watch").daemon().start(BellWatch::run);

  private static volatile boolean asleep;

  private BellWatch() {}

  /** The calling thread's own place to say what it rings. */
  static Post post() {
    return OWN.get();
  }

  private static Post newPost() {
    Post post = new Post(Thread.currentThread());
    POSTS.add(post);
    return post;
  }

  private static void run() {
    int quiet = 0;
    while (true) {
      boolean rung = false;
      for (Post post : POSTS) {
        rung |= post.check();
      }
      POSTS.removeIf(Post::isOver);
      quiet = rung ? 0 : quiet + 1;
      if (quiet < QUIET_TICKS) {
        LockSupport.parkNanos(TICK_NANOS);
      } else {
        sleep();
        quiet = 0;
      }
    }
  }

  private static void sleep() {
    asleep = true;
    boolean rung = false;
    for (Post post : POSTS) {
      rung |= post.count != post.seen;
    }
    if (!rung) {
      LockSupport.park();
    }
    asleep = false;
  }

  /** What one thread is ringing. Written by it, read by the watch. */
  static final class Post {
    private final Thread owner;
    private volatile long count;
    private volatile CallLine[] lines;

    /** Where a single line is shown. */
    private final CallLine[] single = new CallLine[1];

    /** The owner's copy of the count. */
    private long rings;

    /** The count at the last tick. */
    private long seen;

    private Post(Thread owner) {
      this.owner = owner;
    }

    /** The thread is about to ring. */
    void entered(CallLine now) {
      single[0] = now;
      entered(single);
    }

    /** The thread is about to ring several at once; null where there is none. */
    void entered(CallLine[] now) {
      lines = now;
      count = ++rings;
      if (asleep) {
        LockSupport.unpark(THREAD);
      }
    }

    /** It is through. */
    void left() {
      lines = null;
    }

    private boolean isOver() {
      return !owner.isAlive();
    }

    /** Frees the thread if it is where it was a tick ago; returns whether it has rung since. */
    private boolean check() {
      CallLine[] ringing = lines;
      long now = count;
      if (now != seen) {
        seen = now;
        return true;
      }
      if (ringing != null && drain(ringing)) {
        while (lines == ringing && count == now) {
          boolean _ = drain(ringing);
          Thread.onSpinWait();
        }
      }
      return ringing != null;
    }

    /** Drains those that are full and gives them up; returns whether there was one. */
    private static boolean drain(CallLine[] ringing) {
      boolean any = false;
      for (CallLine line : ringing) {
        if (line != null && (line.isGivenUp() || line.isFull())) {
          line.giveUp();
          line.drain();
          any = true;
        }
      }
      return any;
    }
  }
}
