package dev.outboard.testkit;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.WorkerContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A worker: one thread, which runs what the rules ask of its ports and sleeps in one epoll set.
 * Between tasks it asks ports that hold frames for their tokens, as the sidecar's workers do.
 */
final class KitWorker implements AutoCloseable {
  private static final long PAUSE_NANOS = 50_000;

  /** A task waits for several things, each with its own deadline. */
  private static final int WAITS = 4;

  private final int number;
  private final Duration patience;
  private final BlockingQueue<FutureTask<?>> tasks = new LinkedBlockingQueue<>();
  private final Epoll epoll;
  private final int bell;

  /** By fd. */
  private PortContext[] watched = new PortContext[256];

  private final List<End> holders = new ArrayList<>();
  private final Thread thread;
  private volatile boolean ended;

  KitWorker(int number, Duration patience) {
    this.number = number;
    this.patience = patience;
    try {
      epoll = new Epoll();
      bell = EventFd.create();
      epoll.add(bell, Epoll.IN | Epoll.EDGE_TRIGGERED, bell);
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
    thread = Thread.ofPlatform().name("kit-worker-" + number).daemon().start(this::serve);
  }

  long threadId() {
    return thread.threadId();
  }

  private void serve() {
    try {
      while (!ended) {
        FutureTask<?> task =
            holders.isEmpty() ? tasks.take() : tasks.poll(PAUSE_NANOS, TimeUnit.NANOSECONDS);
        if (task != null) {
          task.run();
        }
        for (int i = holders.size() - 1; i >= 0; i--) {
          holders.get(i).reclaim();
        }
      }
    } catch (InterruptedException e) {
      // The end.
    }
  }

  /** Begins a task on the worker. */
  <T> FutureTask<T> start(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    tasks.add(future);
    return future;
  }

  /** Has the worker run a task, and waits for it. */
  <T> T run(Callable<T> task) {
    return join(start(task));
  }

  /** Waits for a task; one that throws or hangs breaks the rule. */
  <T> T join(FutureTask<T> task) {
    try {
      return task.get(WAITS * patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError error) {
        throw error;
      }
      throw new AssertionError("a call of the worker's threw " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      AssertionError error =
          new AssertionError(
              "a call of the worker's does not return, it is " + Stacks.top(thread), e);
      thread.interrupt();
      throw error;
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** The port holds frames, or does no longer. The worker. */
  void holds(End end, boolean now) {
    if (!now) {
      holders.remove(end);
    } else if (!holders.contains(end)) {
      holders.add(end);
    }
  }

  /**
   * Sleeps until a port's fd is ready or somebody wakes the worker; at most so long. The worker.
   */
  void sleep(long nanos) {
    int ready = epoll.await(nanos);
    for (int i = 0; i < ready; i++) {
      int fd = (int) epoll.data(i);
      PortContext context = fd < watched.length ? watched[fd] : null;
      if (context != null) {
        context.told = true;
      }
    }
  }

  /** As a port sees the worker that it is bound to. */
  PortContext context() {
    return new PortContext();
  }

  @Override
  public void close() {
    ended = true;
    thread.interrupt();
    try {
      thread.join(patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    epoll.close();
    FileDescriptors.close(bell);
  }

  /** The worker as one port sees it, which notes what the port asks for. */
  final class PortContext implements WorkerContext {
    /** Whether an fd or the port itself has told of work. */
    volatile boolean told;

    /** How many fds are watched for the port. The worker. */
    int watches;

    /** What the port did that it must not. */
    volatile String complaint;

    @Override
    public int worker() {
      return number;
    }

    @Override
    public boolean watch(int fd) {
      mine("watch");
      try {
        epoll.add(fd, Epoll.IN | Epoll.EDGE_TRIGGERED, fd);
        if (fd >= watched.length) {
          watched = Arrays.copyOf(watched, fd * 2);
        }
        watched[fd] = this;
        watches++;
        return true;
      } catch (LinuxException e) {
        complaint = "watch(" + fd + "): " + e.getMessage();
        return false;
      }
    }

    @Override
    public void unwatch(int fd) {
      mine("unwatch");
      if (fd < 0 || fd >= watched.length || watched[fd] != this) {
        complaint = "unwatch(" + fd + ") of an fd that it does not watch";
        return;
      }
      watched[fd] = null;
      watches--;
      try {
        epoll.remove(fd);
      } catch (LinuxException e) {
        complaint = "unwatch(" + fd + "): " + e.getMessage();
      }
    }

    private void mine(String call) {
      if (Thread.currentThread() != thread) {
        complaint = call + " called by thread " + Thread.currentThread().getName();
      }
    }

    @Override
    public void wake() {
      told = true;
      long _ = EventFd.signal(bell);
    }
  }
}
