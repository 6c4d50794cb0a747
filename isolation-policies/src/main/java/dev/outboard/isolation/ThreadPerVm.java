package dev.outboard.isolation;

import dev.outboard.spi.IsolationPolicy;
import java.util.List;

/** A worker of its own for each guest, started when it is attached, ended when it has left. */
public final class ThreadPerVm implements IsolationPolicy {
  /** For the service loader. */
  public ThreadPerVm() {}

  @Override
  public String name() {
    return "thread-per-vm";
  }

  @Override
  public int permanentWorkers(int limit) {
    return 0;
  }

  @Override
  public int place(Guest guest, List<Worker> workers) {
    return NEW_WORKER;
  }

  @Override
  public boolean mayMove(Guest guest, Worker worker) {
    return worker.guests().isEmpty();
  }
}
