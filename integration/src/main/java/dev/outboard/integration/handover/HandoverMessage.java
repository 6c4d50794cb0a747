package dev.outboard.integration.handover;

import dev.outboard.engine.handover.GuestState;
import java.util.List;

/**
 * A message between two daemons; what does not belong to its step is null or 0.
 *
 * <pre>
 *   new daemon                         running daemon
 *   HELLO version, pid
 *                                      rehearses a hand-over
 *                                      WELCOME version, pid (or REFUSED refusal)
 *   GO                                 stops all guests
 *                                      GUESTS files, guests; then the descriptors
 *   READY (all is mapped)              gives up its locks; from here on nothing is taken back
 *                                      YOURS
 *   lets the guests go on, has the API
 *   DONE                               ends
 * </pre>
 *
 * <p>Whoever is silent for too long, or closes the connection, before YOURS leaves the guests with
 * the running daemon; a new daemon that has not heard YOURS never touches a ring.
 *
 * @param files how many descriptors follow; the guests' descriptors are places among them
 */
record HandoverMessage(
    Step step, int version, long pid, String refusal, int files, List<GuestState> guests) {
  /** Changes with everything that the two must agree on. */
  static final int VERSION = 2;

  /** What it is about. */
  enum Step {
    HELLO,
    WELCOME,
    REFUSED,
    GO,
    GUESTS,
    READY,
    YOURS,
    DONE
  }

  static HandoverMessage of(Step step) {
    return new HandoverMessage(step, VERSION, ProcessHandle.current().pid(), null, 0, null);
  }

  static HandoverMessage refused(String why) {
    return new HandoverMessage(Step.REFUSED, VERSION, ProcessHandle.current().pid(), why, 0, null);
  }

  static HandoverMessage guests(List<GuestState> guests, int files) {
    return new HandoverMessage(
        Step.GUESTS, VERSION, ProcessHandle.current().pid(), null, files, guests);
  }
}
