package dev.outboard.engine;

import java.util.Optional;

/**
 * Which way frames are to take from now on. At least one of {@code to} and {@code localForwarding}
 * is given.
 *
 * @param scope whose frames
 * @param to the uplink they leave by; {@link #LOCAL} leaves the uplink as it is and delivers to
 *     guests of this host by shared memory; if empty, the uplink stays
 * @param localForwarding whether frames to guests of this host take shared memory; if empty, as
 *     before
 * @param endpoint where frames go on the new uplink whose destination nobody knows; only needed
 *     where a rule or the default of a network is moved to a shared uplink
 */
public record SwapSpec(
    SwapScope scope,
    Optional<String> to,
    Optional<Boolean> localForwarding,
    Optional<String> endpoint) {
  /** The way by shared memory, which is no uplink. */
  public static final String LOCAL = "local";
}
