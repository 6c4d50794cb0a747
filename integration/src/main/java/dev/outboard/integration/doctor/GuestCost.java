package dev.outboard.integration.doctor;

/**
 * What a guest takes of its host's limits, at most, as long as its VMM behaves as VMMs do.
 *
 * @param descriptors open files
 * @param mappings of memory
 */
record GuestCost(int descriptors, int mappings) {
  /** Its own socket, the VMM's connection to it, and the VMM's socket for our requests. */
  private static final int SOCKETS = 3;

  /** By which the driver kicks us, we call it, and we tell the VMM of errors. */
  private static final int DOORBELLS = 3;

  /** Pieces of memory: below and above the hole that PCs have under 4 GiB. */
  private static final int REGIONS = 2;

  /** The file that tells the next sidecar what was in flight. */
  private static final int INFLIGHT = 1;

  /** A TAP, where it has one. */
  private static final int PORT = 1;

  /**
   * The cost of a guest.
   *
   * @param pairs how many queue pairs its driver may use
   * @param controlQueue whether we serve its control queue
   * @param port whether it has a port of its own, such as a TAP
   */
  static GuestCost of(int pairs, boolean controlQueue, boolean port) {
    int queues = 2 * pairs + (controlQueue ? 1 : 0);
    return new GuestCost(
        SOCKETS + DOORBELLS * queues + REGIONS + INFLIGHT + (port ? PORT : 0), REGIONS + INFLIGHT);
  }
}
