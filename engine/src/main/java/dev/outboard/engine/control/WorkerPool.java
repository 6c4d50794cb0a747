package dev.outboard.engine.control;

import dev.outboard.engine.worker.Worker;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * The workers that run, by number. A number is used again when its worker's thread has ended. The
 * control thread, except where said.
 */
public final class WorkerPool {
  private final ControlThread control;
  private final IntFunction<Worker> maker;
  private final Listener listener;
  private final Map<Integer, Worker> running = new ConcurrentSkipListMap<>();
  private final Set<Integer> ending = new HashSet<>();

  /** Who wants to know of workers that come and go. The control thread. */
  public interface Listener {
    /**
     * A worker runs now.
     *
     * @throws IllegalStateException with a line for the user: it shall not
     */
    void started(Worker worker);

    /** A worker's thread has ended, and has given everything back. */
    void ended(Worker worker);
  }

  /**
   * Nobody runs yet.
   *
   * @param maker makes the worker of a number, not started
   */
  public WorkerPool(ControlThread control, IntFunction<Worker> maker, Listener listener) {
    this.control = control;
    this.maker = maker;
    this.listener = listener;
  }

  /** The lowest number that is not in use. */
  public int freeNumber() {
    int number = 0;
    while (running.containsKey(number) || ending.contains(number)) {
      number++;
    }
    return number;
  }

  /**
   * Starts the worker of a number that is not in use.
   *
   * @throws IllegalStateException with a line for the user if the host has no thread or fd left
   */
  public Worker start(int number) {
    if (ending.contains(number)) {
      throw new IllegalStateException("worker " + number + " is just ending; try again");
    }
    Worker worker = maker.apply(number);
    try {
      worker.start();
    } catch (OutOfMemoryError e) {
      worker.free();
      throw new IllegalStateException("the host has no thread left: " + e.getMessage(), e);
    }
    running.put(number, worker);
    try {
      listener.started(worker);
    } catch (IllegalStateException e) {
      end(worker, () -> {});
      throw e;
    }
    return worker;
  }

  /** The worker of a number, or null if none runs. */
  public Worker at(int number) {
    return running.get(number);
  }

  /** Those that run, by number. Any thread. */
  public Collection<Worker> running() {
    return running.values();
  }

  /**
   * Ends a worker that serves nobody any more.
   *
   * @param then run when its thread has given everything back
   */
  public void end(Worker worker, Runnable then) {
    running.remove(worker.number());
    ending.add(worker.number());
    worker.end(
        () ->
            control.execute(
                () -> {
                  ending.remove(worker.number());
                  listener.ended(worker);
                  then.run();
                }));
  }

  /**
   * Waits, without blocking, for a moment between bursts of each worker.
   *
   * @param then run when whatever a worker held before this call it holds no more
   */
  public void quiesce(Runnable then) {
    Collection<Worker> all = Set.copyOf(running.values());
    if (all.isEmpty()) {
      then.run();
      return;
    }
    AtomicInteger left = new AtomicInteger(all.size());
    for (Worker worker : all) {
      worker.execute(
          () -> {
            if (left.decrementAndGet() == 0) {
              control.execute(then);
            }
          });
    }
  }

  /** Ends all; they have run what they were given before. Not the control thread. */
  public void shutDown() throws InterruptedException {
    for (Worker worker : running.values()) {
      worker.shutDown();
    }
    running.clear();
  }
}
