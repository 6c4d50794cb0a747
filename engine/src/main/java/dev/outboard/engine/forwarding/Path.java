package dev.outboard.engine.forwarding;

/**
 * A way off this host: an uplink and, if that is shared by all guests, the peer at its other end.
 * Made when routes are made, so that a frame needs no look-up but the choice.
 *
 * @param uplink the uplink's number; if each guest has its own port there, the number's complement,
 *     which is negative
 * @param nextHop the peer's number in that uplink's transport
 */
public record Path(int uplink, int nextHop) {
  /** By the port that the guest has for itself on an uplink. */
  public static Path ownPort(int uplink) {
    return new Path(~uplink, -1);
  }

  /** Whether it is by a port that the guest has for itself. */
  public boolean isOwnPort() {
    return uplink < 0;
  }
}
