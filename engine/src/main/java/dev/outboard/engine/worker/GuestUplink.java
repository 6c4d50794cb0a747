package dev.outboard.engine.worker;

import dev.outboard.spi.Counter;
import dev.outboard.spi.GuestPort;

/**
 * A port that one guest has for itself. Frames leave by the one that the guest's {@link Way} names
 * and come in by all that it has: while a swap is under way by the old and by the new. Made by the
 * control thread, which also closes it; in between it is the worker's that has the guest's first
 * share.
 */
public final class GuestUplink {
  /** The uplink's number. */
  final int uplink;

  final GuestPort port;
  final Egress egress;
  private final Counter received = new Counter();

  /** A port opened for a guest, on an uplink whose ports take these offloads on transmit. */
  public GuestUplink(GuestDevice guest, int uplink, GuestPort port, int offloads) {
    this.uplink = uplink;
    this.port = port;
    egress = new Egress(port, offloads, false, 0, guest::portBroken);
  }

  /** What the transport has opened. */
  public GuestPort port() {
    return port;
  }

  /** Why it carries nothing any more, or null. Any thread. */
  public String failure() {
    return egress.failure();
  }

  /** Frames have come in by it. */
  void count(long frames) {
    received.add(frames);
  }

  /** How many frames have come in by it. Any thread. */
  public long receivedFrames() {
    return received.value();
  }
}
