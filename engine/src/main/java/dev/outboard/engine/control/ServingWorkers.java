package dev.outboard.engine.control;

import dev.outboard.engine.worker.DeviceQueues;
import dev.outboard.engine.worker.GuestDevice;
import dev.outboard.engine.worker.GuestShare;
import dev.outboard.engine.worker.Way;
import dev.outboard.engine.worker.Worker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Whoever serves a guest at the moment, each a share of it: has them do something for it between
 * their bursts, and replaces them. The control thread.
 *
 * <p>Theory of operation. What is asked for is done one after the other, in the order of the calls:
 * the next thing begins when all workers are through with the last. So no worker meets another that
 * is a step behind, and what is asked for while workers are replaced is done by the new ones.
 */
final class ServingWorkers {
  private final ControlThread control;
  private final GuestDevice device;

  /** Those that serve it, or will when all that was asked for is done. */
  private List<Worker> workers;

  /** The shares as they are served now, each by the worker at the same place. */
  private List<GuestShare> shares = List.of();

  private List<Worker> serving = List.of();
  private int moves;

  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean busy;

  /** Has a guest's first workers serve it. */
  ServingWorkers(ControlThread control, GuestDevice device, List<Worker> workers) {
    this.control = control;
    this.device = device;
    this.workers = workers;
    next(() -> adopt(workers, () -> {}, () -> {}));
  }

  /** The workers that serve the guest, or will when {@link #move} is finished. */
  List<Worker> workers() {
    return workers;
  }

  /** Whether {@link #move} is not finished. */
  boolean isMoving() {
    return moves > 0;
  }

  private void next(Runnable task) {
    if (busy) {
      waiting.add(task);
    } else {
      busy = true;
      task.run();
    }
  }

  /** What was asked for is done: the next thing begins, before whoever asked learns of it. */
  private void done(Runnable then) {
    busy = false;
    if (!waiting.isEmpty()) {
      next(waiting.remove());
    }
    then.run();
  }

  /**
   * Has workers do something for their shares between bursts.
   *
   * @param from the first of them; all behind it
   * @param to exclusive
   * @param last run by the worker that is through last
   * @param then run on the control thread after that
   */
  private void each(
      int from, int to, BiConsumer<Worker, GuestShare> task, Runnable last, Runnable then) {
    if (from == to) {
      then.run();
      return;
    }
    AtomicInteger left = new AtomicInteger(to - from);
    for (int i = from; i < to; i++) {
      Worker worker = serving.get(i);
      GuestShare share = shares.get(i);
      worker.execute(
          () -> {
            // The guest's memory may fail in here; all must come to an end all the same.
            try {
              task.accept(worker, share);
            } finally {
              if (left.decrementAndGet() == 0) {
                try {
                  last.run();
                } finally {
                  control.execute(then);
                }
              }
            }
          });
    }
  }

  /** Has the worker that has the guest's ports do something for it. */
  void first(BiConsumer<Worker, GuestShare> task, Runnable then) {
    next(() -> each(0, 1, task, () -> {}, () -> done(then)));
  }

  /** Has its frames take another way; when all is done, no worker knows the old one. */
  void setWay(Way way, Runnable then) {
    next(
        () ->
            each(
                0,
                1,
                (_, share) -> share.guest().setWay(way),
                () -> {},
                () -> each(1, shares.size(), (_, _) -> {}, () -> {}, () -> done(then))));
  }

  /**
   * Opens queues and has all workers serve their shares of them.
   *
   * @param failed run by a worker that can't
   */
  void startQueues(DeviceQueues queues, Runnable failed, Runnable then) {
    next(
        () ->
            each(
                0,
                1,
                (worker, first) -> orElse(worker.openQueues(first, queues), failed),
                () -> {},
                () ->
                    each(
                        1,
                        shares.size(),
                        (worker, share) -> orElse(worker.startQueues(share), failed),
                        () -> {},
                        () -> done(then))));
  }

  private static void orElse(boolean good, Runnable failed) {
    if (!good) {
      failed.run();
    }
  }

  /** Has all workers let go of the queues and closes them; nobody finds them any more then. */
  void stopQueues(Runnable then) {
    next(() -> each(0, shares.size(), Worker::stopQueues, device::closeQueues, () -> done(then)));
  }

  /** Has all workers forget the guest; the last thing that is asked for. */
  void release() {
    next(() -> each(0, shares.size(), Worker::release, () -> {}, () -> done(() -> {})));
  }

  /**
   * Hands the guest over to other workers, with its queues as they are: the old ones let go of it
   * between two bursts, then the new ones go on from there. What others send to it is delivered all
   * the while.
   *
   * @param to as many as it has queue pairs at most
   * @param failed run by a new worker if it can't serve its share
   * @param then run when the new workers have the guest
   */
  void move(List<Worker> to, Runnable failed, Runnable then) {
    workers = to;
    moves++;
    Runnable moved =
        () -> {
          moves--;
          then.run();
        };
    next(() -> each(0, shares.size(), Worker::release, () -> {}, () -> adopt(to, failed, moved)));
  }

  private void adopt(List<Worker> by, Runnable failed, Runnable then) {
    List<GuestShare> dealt = new ArrayList<>();
    for (int i = 0; i < by.size(); i++) {
      dealt.add(new GuestShare(device, i, by.size()));
    }
    shares = dealt;
    serving = by;
    each(
        0,
        dealt.size(),
        (worker, share) -> orElse(worker.adopt(share), failed),
        () -> {},
        () -> done(then));
  }
}
