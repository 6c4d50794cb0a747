package dev.outboard.isolation;

import dev.outboard.spi.IsolationPolicy;
import java.util.Comparator;
import java.util.List;

/**
 * A fixed set of workers for all guests; a new guest goes to the one with the fewest, or to as many
 * as it has queue pairs.
 */
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
  public List<Integer> spread(Guest guest, int queuePairs, int first, List<Worker> workers) {
    return workers.stream()
        .filter(worker -> worker.number() != first)
        .sorted(FEWEST_GUESTS)
        .limit(queuePairs - 1L)
        .map(Worker::number)
        .toList();
  }

  @Override
  public boolean mayMove(Guest guest, Worker worker) {
    return true;
  }
}
