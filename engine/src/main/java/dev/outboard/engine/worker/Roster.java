package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;
import java.util.Set;

/**
 * The guests of one worker, or their shares: how they come and go, which of them are polled, which
 * fds are watched for them. The worker's thread, except where said.
 */
final class Roster {
  private static final GuestUplink[] NO_PORTS = {};

  private final Worker worker;
  private final Notifier notifier;
  private final Forwarder forwarder;
  private final Uplinks uplinks;
  private final long quietNanos;
  private final GuestSlots slots = new GuestSlots();
  private final ActiveGuests active = new ActiveGuests();
  private final Kicks kicks;
  private int startedCount;
  private int portCount;
  private volatile int guestsShown;

  /**
   * Nobody is there yet.
   *
   * @param quietNanos how long a guest is polled after its last frame, at most
   */
  Roster(Worker worker, Notifier notifier, Forwarder forwarder, Uplinks uplinks, long quietNanos) {
    this.worker = worker;
    this.notifier = notifier;
    this.forwarder = forwarder;
    this.uplinks = uplinks;
    this.quietNanos = quietNanos;
    kicks = new Kicks(notifier);
  }

  /** Those that are polled. */
  ActiveGuests active() {
    return active;
  }

  /** How many have queues that run. */
  int started() {
    return startedCount;
  }

  /** How many ports guests have for themselves. */
  int ports() {
    return portCount;
  }

  /** How many there are. Any thread. */
  int guests() {
    return guestsShown;
  }

  /** See {@link Worker#adopt}. */
  boolean adopt(GuestShare share) {
    share.owner = worker;
    slots.add(share);
    share.patience = new Patience(quietNanos);
    guestsShown = slots.count();
    if (share.isFirst()) {
      for (GuestUplink port : share.guest.ports()) {
        bind(share, port);
      }
    }
    return enter(share);
  }

  private void bind(GuestShare share, GuestUplink port) {
    portCount++;
    port.egress.bind(
        new PortContext(
            worker,
            notifier,
            Kicks.portToken(share),
            () -> portWoken(share),
            share.guest.events::note));
  }

  private void unbind(GuestUplink port) {
    portCount--;
    port.egress.flush();
    port.egress.unbind();
  }

  /** See {@link Worker#addPort}. */
  boolean addPort(GuestShare share, GuestUplink port) {
    GuestDevice guest = share.guest;
    boolean first = guest.ports().length == 0;
    guest.add(port);
    if (share.owner != worker) {
      return true;
    }
    bind(share, port);
    DeviceQueues queues = guest.queues();
    if (queues.receiveCount() == 0) {
      return true;
    }
    port.egress.receiveOffloads(port.port, queues.receive(0).queue.offloads());
    share.portReady = !share.portWaitsForBuffers;
    active.wake(share);
    return !first || kicks.watchBuffers(share, queues);
  }

  /** See {@link Worker#lookAtPorts}. */
  void lookAtPorts(GuestShare share) {
    if (share.owner == worker && !share.guest.failed && !share.portWaitsForBuffers) {
      active.wake(share);
      boolean _ = forwarder.receive(share);
    }
  }

  /** See {@link Worker#removePort}. */
  void removePort(GuestShare share, GuestUplink port) {
    GuestDevice guest = share.guest;
    if (share.owner == worker) {
      if (guest.ports().length == 1) {
        kicks.unwatchBuffers(share, guest.queues());
        share.portWaitsForBuffers = false;
        share.portReady = false;
      }
      unbind(port);
    }
    guest.remove(port);
  }

  /** See {@link Worker#release}. */
  void release(GuestShare share) {
    if (share.owner != worker) {
      return;
    }
    leave(share);
    if (share.isFirst()) {
      for (GuestUplink port : share.guest.ports()) {
        unbind(port);
      }
    }
    slots.remove(share);
    guestsShown = slots.count();
    share.owner = null;
  }

  /** See {@link Worker#openQueues}. */
  boolean openQueues(GuestShare share, DeviceQueues queues) {
    GuestDevice guest = share.guest;
    guest.setQueues(queues);
    for (int i = 0; i < queues.receiveCount(); i++) {
      queues.receive(i).queue.ring().disarmKick();
    }
    for (GuestUplink port : guest.ports()) {
      if (queues.receiveCount() > 0) {
        port.egress.receiveOffloads(port.port, queues.receive(0).queue.offloads());
      }
    }
    boolean entered = enter(share);
    if (!queues.callOnce()) {
      guest.events.broken("the call fd can't be written without waiting");
    }
    return entered;
  }

  /** See {@link Worker#startQueues}. */
  boolean enter(GuestShare share) {
    DeviceQueues queues = share.guest.queues();
    if (!queues.isStarted()) {
      return true;
    }
    share.take(queues);
    if (!kicks.watch(share, queues)) {
      share.take(DeviceQueues.NONE);
      return false;
    }
    share.started = true;
    startedCount++;
    share.portReady =
        share.isFirst() && share.guest.ports().length > 0 && queues.receiveCount() > 0;
    share.portWaitsForBuffers = false;
    active.wake(share);
    return true;
  }

  /** See {@link Worker#stopQueues}. */
  void leave(GuestShare share) {
    if (!share.started) {
      return;
    }
    share.started = false;
    startedCount--;
    forwarder.forget(share.guest);
    uplinks.letGo(share.taken, !share.guest.failed);
    kicks.unwatch(share, share.guest.queues());
    share.portReady = false;
    active.remove(share);
    share.take(DeviceQueues.NONE);
  }

  /** A guest's port wants to be called, if the guest is still here. */
  void portWoken(GuestShare share) {
    if (share.owner == worker) {
      share.portReady = true;
      active.wake(share);
    }
  }

  /** Wakes the guests and uplinks that the notifier has found. */
  void handle(int tokens, long now) {
    for (int i = 0; i < tokens; i++) {
      int token = notifier.token(i);
      if (Kicks.isUplink(token)) {
        uplinks.wake(Kicks.slot(token), now);
        continue;
      }
      GuestShare share = slots.at(Kicks.slot(token));
      if (share == null) {
        continue;
      }
      if (Kicks.isPort(token)) {
        share.portReady = !share.portWaitsForBuffers;
      } else if (Kicks.isReceive(token) && share.portWaitsForBuffers) {
        share.portWaitsForBuffers = false;
        share.portReady = true;
      }
      if (share.activeAt < 0) {
        share.patience.rested(now - share.leftAt);
        active.wake(share);
      }
    }
  }

  /** The guest's port that was being called when an InternalError came, or null. */
  Egress takeFaulted() {
    Egress found = null;
    for (int slot = 0; slot < slots.end(); slot++) {
      GuestShare share = slots.at(slot);
      for (GuestUplink port : share == null || !share.isFirst() ? NO_PORTS : share.guest.ports()) {
        if (port.egress.takeFaulted()) {
          found = port.egress;
        }
      }
    }
    return found;
  }

  /** All whose memory the worker may have touched. */
  Set<GuestDevice> suspects(GuestDevice served) {
    return MemoryFaults.suspects(served, slots);
  }

  /** The lists may be half changed: all guests that run are active again. */
  void lookAtAllAgain() {
    active.clear();
    startedCount = 0;
    for (int slot = 0; slot < slots.end(); slot++) {
      GuestShare share = slots.at(slot);
      if (share == null) {
        continue;
      }
      share.activeAt = -1;
      if (share.started) {
        startedCount++;
        active.add(share);
      }
    }
  }
}
