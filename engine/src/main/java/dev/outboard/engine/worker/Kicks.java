package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;

/**
 * What a worker's notifier watches for its guests, and what the tokens mean: a guest's slot and
 * which of its fds it was. The worker's thread.
 */
final class Kicks {
  private static final int TRANSMIT = 0;
  private static final int RECEIVE = 1;
  private static final int PORT = 2;
  private static final int UPLINK = 3;
  private static final int KINDS = 4;

  private final Notifier notifier;

  Kicks(Notifier notifier) {
    this.notifier = notifier;
  }

  /** The slot of the guest that a token belongs to. */
  static int slot(int token) {
    return token / KINDS;
  }

  /** Whether its port's fd has become ready. */
  static boolean isPort(int token) {
    return token % KINDS == PORT;
  }

  /** Whether it has kicked for receive buffers. */
  static boolean isReceive(int token) {
    return token % KINDS == RECEIVE;
  }

  /** Whether it is a shared uplink's fd; its slot is the uplink's number. */
  static boolean isUplink(int token) {
    return token % KINDS == UPLINK;
  }

  /** The token of a shared uplink. */
  static int uplinkToken(int number) {
    return number * KINDS + UPLINK;
  }

  /** The token of a guest's port. */
  static int portToken(GuestShare share) {
    return share.slot * KINDS + PORT;
  }

  /** Watches a share's kicks: all, or none if one can't be watched. */
  boolean watch(GuestShare share, DeviceQueues queues) {
    int token = share.slot * KINDS;
    boolean watched = true;
    for (TransmitSide side : share.taken) {
      watched &= side.kick < 0 || notifier.watch(side.kick, token + TRANSMIT);
    }
    int receiveKick = portKick(share, queues);
    watched &= receiveKick < 0 || notifier.watch(receiveKick, token + RECEIVE);
    if (!watched) {
      unwatch(share, queues);
    }
    return watched;
  }

  /** Ends {@link #watch}. */
  void unwatch(GuestShare share, DeviceQueues queues) {
    for (TransmitSide side : share.taken) {
      if (side.kick >= 0) {
        notifier.unwatch(side.kick);
      }
    }
    unwatchBuffers(share, queues);
  }

  /** Watches for buffers for a guest that has just got its first port. */
  boolean watchBuffers(GuestShare share, DeviceQueues queues) {
    int receiveKick = portKick(share, queues);
    return receiveKick < 0 || notifier.watch(receiveKick, share.slot * KINDS + RECEIVE);
  }

  /** Ends that, while the guest still has it. */
  void unwatchBuffers(GuestShare share, DeviceQueues queues) {
    int receiveKick = portKick(share, queues);
    if (receiveKick >= 0) {
      notifier.unwatch(receiveKick);
    }
  }

  /** The kick that tells of buffers for the guest's ports, or -1; only ports wait for buffers. */
  private static int portKick(GuestShare share, DeviceQueues queues) {
    return share.isFirst() && share.guest.ports().length > 0 && queues.receiveCount() > 0
        ? queues.receive(0).kick
        : -1;
  }
}
