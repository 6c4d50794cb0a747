package dev.outboard.engine.control;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** An event loop: tasks from any thread, readable fds, timers. */
public final class ControlThread {
  private static final long WAKE = 0;

  private final Epoll epoll;
  private final int wakeFd;
  private final Consumer<String> problems;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Map<Long, Runnable> handlers = new HashMap<>();
  private final Map<Integer, Long> watched = new HashMap<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private long nextId = WAKE + 1;
  private boolean stopping;

  private record Timer(long at, long id, Runnable task) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      return at != other.at ? Long.compare(at - other.at, 0) : Long.compare(id, other.id);
    }
  }

  /**
   * Makes the loop; {@link #start} starts its thread.
   *
   * @param problems gets a line for each failure of a task, which is a bug
   */
  public ControlThread(Consumer<String> problems) throws LinuxException {
    this.problems = problems;
    epoll = new Epoll();
    wakeFd = EventFd.create();
    epoll.add(wakeFd, Epoll.IN | Epoll.EDGE_TRIGGERED, WAKE);
    thread = Thread.ofPlatform().name("outboard-control").unstarted(this::run);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Whether the caller is this thread. */
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Runs a task on this thread, in the order of the calls. Any thread. */
  public void execute(Runnable task) {
    tasks.add(task);
    EventFd.signal(wakeFd);
  }

  /** Runs a task on this thread after a while. This thread. */
  public void schedule(long nanos, Runnable task) {
    timers.add(new Timer(System.nanoTime() + nanos, nextId++, task));
  }

  /** Calls the handler whenever the fd is readable (level-triggered). This thread. */
  void watch(int fd, Runnable handler) throws LinuxException {
    watch(fd, Epoll.IN, handler);
  }

  /** Calls the handler whenever the fd becomes readable (edge-triggered). This thread. */
  void watchEdges(int fd, Runnable handler) throws LinuxException {
    watch(fd, Epoll.IN | Epoll.EDGE_TRIGGERED, handler);
  }

  private void watch(int fd, int events, Runnable handler) throws LinuxException {
    long id = nextId++;
    epoll.add(fd, events, id);
    handlers.put(id, handler);
    watched.put(fd, id);
  }

  /** Ends {@link #watch} or {@link #watchEdges}; before the fd is closed. This thread. */
  void unwatch(int fd) {
    Long id = watched.remove(fd);
    if (id == null) {
      return;
    }
    handlers.remove(id);
    try {
      epoll.remove(fd);
    } catch (LinuxException e) {
      problems.accept("control: " + e.getMessage());
    }
  }

  /** Ends the thread after all tasks given before. Any other thread. */
  public void shutDown() throws InterruptedException {
    execute(() -> stopping = true);
    thread.join();
    epoll.close();
    FileDescriptors.close(wakeFd);
  }

  private void run() {
    while (!stopping) {
      int events = epoll.await(tasks.isEmpty() ? untilNextTimer() : 0);
      for (int i = 0; i < events; i++) {
        Runnable handler = handlers.get(epoll.data(i));
        if (handler != null) {
          runSafely(handler);
        }
      }
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        runSafely(task);
      }
      while (!timers.isEmpty() && timers.peek().at - System.nanoTime() <= 0) {
        runSafely(timers.poll().task);
      }
    }
  }

  private long untilNextTimer() {
    return timers.isEmpty() ? -1 : Math.max(0, timers.peek().at - System.nanoTime());
  }

  private void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      problems.accept("control thread: a task failed: " + e);
      e.printStackTrace();
    }
  }
}
