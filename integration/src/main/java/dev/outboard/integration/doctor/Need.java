package dev.outboard.integration.doctor;

import dev.outboard.engine.GuestSpec;
import dev.outboard.integration.config.Plan;

/**
 * What a number of guests needs of the host's limits.
 *
 * @param guests how many there shall be
 * @param maxGuests how many the configuration allows
 * @param threads that the process has at most
 */
record Need(int guests, int maxGuests, long descriptors, long mappings, long threads) {
  /** The process without guests and workers; jars are open files and mappings, too. */
  static final int DAEMON_DESCRIPTORS = 160;

  static final int DAEMON_MAPPINGS = 1500;
  static final int DAEMON_THREADS = 64;

  /** A worker: its waiting place, its bell, its ring; its stack and rings in memory. */
  static final int WORKER_DESCRIPTORS = 4;

  static final int WORKER_MAPPINGS = 10;

  private static final int DEFAULT_MAX_GUESTS = 4096;

  /** For the configuration's kind of guests, workers and uplinks. */
  static Need of(Plan plan, int guests) {
    int pairs = plan.guests().stream().mapToInt(GuestSpec::queuePairs).max().orElse(1);
    int limit = plan.engine().workers();
    int permanent = plan.isolation().permanentWorkers(limit);
    int workers = permanent == limit ? limit : Math.min(Math.max(permanent, guests), limit);
    boolean control = plan.guests().stream().anyMatch(Need::hasControlQueue);
    GuestCost cost = GuestCost.of(pairs, control, !plan.uplinks().isEmpty());
    return of(guests, plan.engine().maxGuests(), cost, workers);
  }

  /** For guests with one queue pair that share a worker. */
  static Need usual(int guests) {
    return of(guests, DEFAULT_MAX_GUESTS, GuestCost.of(1, false, false), 1);
  }

  private static boolean hasControlQueue(GuestSpec guest) {
    return guest.queuePairs() > 1
        || switch (guest.frontend()) {
          case CROSVM, LIBKRUN, UML -> true;
          case GENERIC, QEMU, CLOUD_HYPERVISOR, VIRTIO_USER -> false;
        };
  }

  private static Need of(int guests, int maxGuests, GuestCost cost, int workers) {
    return new Need(
        guests,
        maxGuests,
        DAEMON_DESCRIPTORS
            + (long) WORKER_DESCRIPTORS * workers
            + (long) guests * cost.descriptors(),
        DAEMON_MAPPINGS + (long) WORKER_MAPPINGS * workers + (long) guests * cost.mappings(),
        DAEMON_THREADS + workers);
  }
}
