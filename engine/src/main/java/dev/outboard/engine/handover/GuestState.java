package dev.outboard.engine.handover;

import java.util.function.IntUnaryOperator;

/**
 * One guest.
 *
 * @param path where its socket is
 * @param listener the file descriptor of the socket on which we listen for its VMM, or -1
 * @param session null if no VMM is connected
 * @param uplink its port of an uplink, or null
 */
public record GuestState(
    String id, String path, int listener, SessionState session, UplinkState uplink) {

  /**
   * The same guest in the numbers of another process; each descriptor is changed once, in order.
   */
  public GuestState withFiles(IntUnaryOperator change) {
    return new GuestState(
        id,
        path,
        Files.change(listener, change),
        session == null ? null : session.withFiles(change),
        uplink == null ? null : uplink.withFiles(change));
  }

  /** The same guest with a port. */
  public GuestState withUplink(UplinkState its) {
    return new GuestState(id, path, listener, session, its);
  }
}
