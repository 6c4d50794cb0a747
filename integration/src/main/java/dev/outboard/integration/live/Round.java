package dev.outboard.integration.live;

import dev.outboard.integration.compare.CoreState;
import java.util.List;

/**
 * What was measured of guests on one arm, in one period less its first tenth.
 *
 * @param pair which pair it belongs to, from 0
 * @param turn which turn it was, from 0 over the whole comparison
 * @param arm 0 for the first, 1 for the second
 * @param guests whose frames took it
 * @param coreNanos the ping-pong between two processors before and after the period
 * @param seconds how long was measured
 * @param sidecarSeconds what the sidecar worked meanwhile, for whomever
 * @param machineSeconds what the machine did
 */
record Round(
    int pair,
    int turn,
    int arm,
    List<String> guests,
    List<Double> coreNanos,
    double seconds,
    Traffic traffic,
    double sidecarSeconds,
    double machineSeconds) {

  CoreState state() {
    return CoreState.between(coreNanos.getFirst(), coreNanos.getLast());
  }
}
