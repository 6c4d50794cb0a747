package dev.outboard.engine.forwarding;

/**
 * A way off this host: an uplink and, if that is shared by all guests, the peer at its other end.
 * Made when routes are made, so that a frame needs no look-up but the choice.
 *
 * @param uplink the uplink's number
 * @param nextHop the peer's number in that uplink's transport
 */
public record Path(int uplink, int nextHop) {
  /** By the port that the guest has for itself. */
  public static final Path OWN_PORT = new Path(-1, -1);
}
