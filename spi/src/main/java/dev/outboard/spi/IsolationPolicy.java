package dev.outboard.spi;

import java.util.List;

/**
 * Who shares a worker thread with whom. Found by {@link java.util.ServiceLoader}, one object for a
 * host; one call at a time, perhaps by different threads, never on the way of a frame. It decides
 * and remembers nothing: what it must know of the host is in the arguments, which it leaves as they
 * are, and the same question has the same answer. It never throws, however full the host is.
 *
 * <p>Workers have numbers from 0 up to a limit that the user sets. Permanent ones start with the
 * sidecar and stay; others are started for the guest that needs them and end when the last one has
 * left.
 */
public interface IsolationPolicy {
  /** The answer of {@link #place}: a worker that is started for this guest. */
  int NEW_WORKER = -1;

  /** The name users write in their configuration, for example {@code shared}. Unique. */
  String name();

  /**
   * How many workers are permanent: numbers 0 up to this, exclusive.
   *
   * @param limit how many workers there may be at the same time
   * @return 0 to {@code limit}
   */
  int permanentWorkers(int limit);

  /**
   * The worker for a guest that is being attached.
   *
   * @param workers those that run, in the order of their numbers, which may have gaps; perhaps
   *     none; valid for this call
   * @return the number of one of them, or {@link #NEW_WORKER}, which is refused, with a line for
   *     the user, where as many as may be are running
   */
  int place(Guest guest, List<Worker> workers);

  /**
   * The workers that serve a guest of several queue pairs beside the one that {@link #place} has
   * said, so that it can use more than one processor: the pairs are dealt out to all of them in
   * turn. Not asked for a guest that has a port of its own on an uplink: one worker serves such a
   * guest. None, unless a policy says otherwise.
   *
   * @param queuePairs how many the guest may have, at least 2
   * @param first the worker that it is on
   * @param workers those that run, in the order of their numbers, {@code first} with the guest
   *     among them; valid for this call
   * @return numbers of others of them, each once, fewer than {@code queuePairs}
   */
  default List<Integer> spread(Guest guest, int queuePairs, int first, List<Worker> workers) {
    return List.of();
  }

  /**
   * Whether a user may move a guest to this worker, which it is not served by. A guest may always
   * move to where {@link #place} and {@link #spread} would put it.
   *
   * @param worker as it runs now, or without guests if it would be started
   */
  boolean mayMove(Guest guest, Worker worker);

  /**
   * A guest as a policy sees it.
   *
   * @param id unique on this host
   * @param tenant who owns it
   */
  record Guest(String id, String tenant) {}

  /**
   * A worker as a policy sees it.
   *
   * @param number from 0
   * @param guests those it serves; read only
   */
  record Worker(int number, List<Guest> guests) {}
}
