package dev.outboard.integration.plugins;

import dev.outboard.spi.IsolationPolicy;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A plugin's isolation policy as the sidecar sees it. What goes wrong is an {@link
 * IllegalStateException} with a line for the user.
 */
record GuardedIsolationPolicy(Guard guard, IsolationPolicy plugin, String name)
    implements IsolationPolicy {
  @Override
  public int permanentWorkers(int limit) {
    int permanent = call("permanentWorkers()", () -> plugin.permanentWorkers(limit));
    if (permanent < 0 || permanent > limit) {
      throw new IllegalStateException(
          "isolation '%s' wants %d permanent workers of %d".formatted(name, permanent, limit));
    }
    return permanent;
  }

  @Override
  public int place(Guest guest, List<Worker> workers) {
    return call("place()", () -> plugin.place(guest, workers));
  }

  @Override
  public List<Integer> spread(Guest guest, int queuePairs, int first, List<Worker> workers) {
    return call("spread()", () -> plugin.spread(guest, queuePairs, first, workers));
  }

  @Override
  public boolean mayMove(Guest guest, Worker worker) {
    return call("mayMove()", () -> plugin.mayMove(guest, worker));
  }

  private <T> T call(String what, Callable<T> call) {
    try {
      return guard.call(what, call);
    } catch (PluginFailure e) {
      throw new IllegalStateException(guard.line(e), e);
    }
  }
}
