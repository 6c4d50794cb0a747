package dev.outboard.engine.worker;

/**
 * A guest as one of its workers serves it: those of its transmit queues that are this worker's, and
 * when they are looked at. A guest with one queue pair has one share; one with several may be
 * shared out among as many workers, and its first share has its ports. Made by the control thread
 * for {@link Worker#adopt}; from then on it is the worker's, until it is released.
 */
public final class GuestShare {
  final GuestDevice guest;
  private final int number;
  private final int count;

  /** Its transmit queues, while they are served. */
  TransmitSide[] taken = TransmitSide.NONE;

  /** Those of them that it sends by; none once its ring broke. */
  TransmitSide[] transmits = TransmitSide.NONE;

  /** One of them has no kick fd, so it must be looked at again and again. */
  boolean pollOnly;

  private int nextTransmit;

  /** Who serves it, or null before and after. */
  Worker owner;

  /** Its queues are served, if it has any. */
  boolean started;

  /** Its place at its worker; tokens of its fds are made of it. */
  int slot = -1;

  /** Its place among those that are polled, or -1 when it waits for a kick. */
  int activeAt = -1;

  /** When it was first found without work, or 0. */
  long quietSince;

  /** When it was last left alone until its kick. */
  long leftAt;

  /** How long it is polled in vain. */
  Patience patience;

  /** One of its ports may have frames. */
  boolean portReady;

  /** One of them has frames, but there are no buffers for them: a kick will tell. */
  boolean portWaitsForBuffers;

  /** Bytes it may still send in this loop; what is left over, or was overdrawn, is kept. */
  long deficit;

  /**
   * A share that nobody serves yet.
   *
   * @param number from 0
   * @param count how many shares there are
   */
  public GuestShare(GuestDevice guest, int number, int count) {
    this.guest = guest;
    this.number = number;
    this.count = count;
  }

  /** Whose share it is. */
  public GuestDevice guest() {
    return guest;
  }

  /** Whether it has the guest's ports. */
  boolean isFirst() {
    return number == 0;
  }

  /** Takes its part of the guest's queues. */
  void take(DeviceQueues queues) {
    taken = queues.transmits(number, count);
    transmits = taken;
    nextTransmit = 0;
    pollOnly = false;
    for (TransmitSide side : taken) {
      pollOnly |= side.kick < 0;
    }
    quietSince = 0;
    deficit = 0;
  }

  /** The queue whose turn it is; there is one. */
  TransmitSide takeNextTransmit() {
    TransmitSide[] sides = transmits;
    int turn = nextTransmit < sides.length ? nextTransmit : 0;
    nextTransmit = turn + 1;
    return sides[turn];
  }
}
