package dev.outboard.integration.wire;

import java.util.List;

/** The answer to {@code GET /stats}: everything that is counted, at one time. */
public record StatsView(
    double uptimeS, List<GuestView> guests, List<WorkerView> workers, List<UplinkView> uplinks) {

  /**
   * What a worker has done since the start.
   *
   * @param cpu where it is pinned, or -1
   * @param notifier what it waits with
   */
  public record WorkerView(
      int worker,
      int cpu,
      String notifier,
      int guests,
      int active,
      long loops,
      long sleeps,
      long calls,
      long callSystemCalls,
      long refusedCalls) {}
}
