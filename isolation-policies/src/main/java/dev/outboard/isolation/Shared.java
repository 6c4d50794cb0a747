package dev.outboard.isolation;

import dev.outboard.spi.IsolationPolicy;
import java.util.Comparator;
import java.util.List;

/** A fixed set of workers for all guests; a new guest goes to the one with the fewest. */
public final class Shared implements IsolationPolicy {
  private static final Comparator<Worker> FEWEST_GUESTS =
      Comparator.comparingInt(worker -> worker.guests().size());

  /** For the service loader. */
  public Shared() {}

  @Override
  public String name() {
    return "shared";
  }

  @Override
  public int permanentWorkers(int limit) {
    return limit;
  }

  @Override
  public int place(Guest guest, List<Worker> workers) {
    return workers.stream().min(FEWEST_GUESTS).map(Worker::number).orElse(NEW_WORKER);
  }

  @Override
  public boolean mayMove(Guest guest, Worker worker) {
    return true;
  }
}
