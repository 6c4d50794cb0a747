package dev.outboard.engine.worker;

import dev.outboard.engine.memory.GuestMemory;
import java.util.Arrays;
import java.util.List;

/**
 * The queues of a started device, built by the control thread and handed to the guest's workers.
 * Immutable; a queue that its driver has not started is not among them.
 */
public final class DeviceQueues {
  /** Nothing is started. */
  public static final DeviceQueues NONE = new DeviceQueues(null, List.of(), List.of());

  private final GuestMemory memory;
  private final TransmitSide[] transmits;
  private final ReceiveSide[] receives;

  /**
   * Queues in their guest's order.
   *
   * @param memory where all of them lie
   * @param receives those that frames may be delivered to
   */
  public DeviceQueues(
      GuestMemory memory, List<TransmitSide> transmits, List<ReceiveSide> receives) {
    this.memory = memory;
    this.transmits = transmits.toArray(TransmitSide.NONE);
    this.receives = receives.toArray(ReceiveSide.NONE);
  }

  /** Whether there is anything to serve. */
  public boolean isStarted() {
    return transmits.length + receives.length > 0;
  }

  /** Whether frames can go both ways. */
  public boolean isComplete() {
    return transmits.length > 0 && receives.length > 0;
  }

  GuestMemory memory() {
    return memory;
  }

  /** Not to be changed. */
  TransmitSide[] transmits() {
    return transmits;
  }

  /**
   * Those of one share: queue pairs are dealt out to the shares in turn. Not to be changed.
   *
   * @param share from 0
   * @param shares how many there are
   */
  TransmitSide[] transmits(int share, int shares) {
    if (shares == 1) {
      return transmits;
    }
    return Arrays.stream(transmits)
        .filter(side -> side.pair % shares == share)
        .toArray(TransmitSide[]::new);
  }

  /** How many queues frames may be delivered to. */
  int receiveCount() {
    return receives.length;
  }

  /** One of {@link #receiveCount}. */
  ReceiveSide receive(int index) {
    return receives[index];
  }

  /**
   * Rings all lines once. A process before this one may have been killed after it had shown the
   * driver what it did and before it called; with an event index no later call would make up for
   * that. One call too many does no harm. At once: the lines are the guest's only until the next
   * command.
   *
   * @return false if a line can't be rung
   */
  boolean callOnce() {
    boolean rung = true;
    for (TransmitSide side : transmits) {
      rung &= side.call == null || side.call.ring();
    }
    for (ReceiveSide side : receives) {
      rung &= side.call == null || side.call.ring();
    }
    return rung;
  }
}
