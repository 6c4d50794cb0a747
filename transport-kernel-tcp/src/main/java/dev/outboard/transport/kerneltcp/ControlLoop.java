package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;
import dev.outboard.transport.kerneltcp.pool.PoolLoop;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The thread of an uplink where connections are made, shaken hands on and kept while nobody uses
 * them. Tasks may be given from any thread; the rest is the loop's own.
 */
final class ControlLoop implements PoolLoop, AutoCloseable {
  private record Timer(long at, long order, Runnable task) {}

  private final Epoll epoll;
  private final int bell;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::order));
  private final Map<Integer, Runnable> watches = new HashMap<>();
  private final Thread thread;
  private long timersMade;
  private boolean stopping;

  ControlLoop(String name) throws LinuxException {
    epoll = new Epoll();
    try {
      bell = EventFd.create();
      epoll.add(bell, Epoll.IN, bell);
    } catch (LinuxException e) {
      epoll.close();
      throw e;
    }
    thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    EventFd.signal(bell);
  }

  @Override
  public void executeAt(long nanos, Runnable task) {
    if (Thread.currentThread() == thread) {
      timers.add(new Timer(nanos, timersMade++, task));
    } else {
      execute(() -> executeAt(nanos, task));
    }
  }

  /** Has a task run whenever the descriptor is ready for these events. The loop. */
  void watch(int fd, int events, Runnable ready) throws LinuxException {
    if (watches.put(fd, ready) == null) {
      epoll.add(fd, events, fd);
    } else {
      epoll.modify(fd, events, fd);
    }
  }

  /** Ends that; before the descriptor is closed or given away. The loop. */
  void unwatch(int fd) {
    if (watches.remove(fd) != null) {
      try {
        epoll.remove(fd);
      } catch (LinuxException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void run() {
    while (!stopping) {
      int ready = epoll.await(tasks.isEmpty() ? untilTimer() : 0);
      for (int i = 0; i < ready; i++) {
        int fd = (int) epoll.data(i);
        if (fd == bell) {
          EventFd.drain(bell);
        } else {
          guarded(watches.getOrDefault(fd, () -> {}));
        }
      }
      for (Runnable task = tasks.poll(); task != null && !stopping; task = tasks.poll()) {
        guarded(task);
      }
      long now = nanoTime();
      while (!stopping && !timers.isEmpty() && timers.peek().at - now <= 0) {
        guarded(timers.poll().task);
      }
    }
  }

  private long untilTimer() {
    return timers.isEmpty() ? -1 : Math.max(0, timers.peek().at - nanoTime());
  }

  /** A mistake of ours in one connection is not the end of the others. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      System.getLogger(ControlLoop.class.getName())
          .log(System.Logger.Level.ERROR, "a task of the kernel-tcp loop failed", e);
    }
  }

  /** Ends the thread after the task that runs now. The loop. */
  void stop() {
    stopping = true;
  }

  /** Waits until the thread has ended, and frees everything. Any other thread. */
  @Override
  public void close() {
    Threads.joinUninterruptibly(thread);
    epoll.close();
    FileDescriptors.close(bell);
  }
}
