package dev.outboard.engine.control;

import dev.outboard.engine.worker.GuestDevice;
import dev.outboard.engine.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Whoever serves a guest at the moment: takes the commands for its worker, and replaces it. The
 * control thread.
 */
final class ServingWorker {
  private final ControlThread control;
  private final GuestDevice device;
  private Worker worker;

  /** Commands that wait until the new worker has the guest; null while it is not moved. */
  private List<BiConsumer<Worker, GuestDevice>> held;

  /** Gives the guest to its first worker. */
  ServingWorker(ControlThread control, GuestDevice device, Worker worker) {
    this.control = control;
    this.device = device;
    this.worker = worker;
    worker.execute(() -> worker.adopt(device));
  }

  /** The worker that serves the guest, or will when {@link #move} is finished. */
  Worker worker() {
    return worker;
  }

  /** Whether {@link #move} is not finished. */
  boolean isMoving() {
    return held != null;
  }

  /** Has the guest's worker do something for it between bursts, in the order of the calls. */
  void command(BiConsumer<Worker, GuestDevice> command) {
    if (held != null) {
      held.add(command);
      return;
    }
    Worker now = worker;
    now.execute(() -> command.accept(now, device));
  }

  /**
   * Hands the guest over to another worker, with its queues as they are: the old one lets go of it
   * between two bursts, the new one goes on from there. What others send to it is delivered all the
   * while.
   *
   * @param failed run by the new worker if it can't serve the queues: they are stopped then
   * @param then run when the new worker has the guest
   */
  void move(Worker to, Runnable failed, Runnable then) {
    Worker from = worker;
    worker = to;
    held = new ArrayList<>();
    from.execute(
        () -> {
          from.release(device);
          control.execute(() -> released(failed, then));
        });
  }

  private void released(Runnable failed, Runnable then) {
    List<BiConsumer<Worker, GuestDevice>> waiting = held;
    held = null;
    command(
        (to, guest) -> {
          // The guest's memory may fail in here.
          try {
            if (!to.adopt(guest)) {
              failed.run();
            }
          } finally {
            control.execute(then);
          }
        });
    waiting.forEach(this::command);
  }
}
