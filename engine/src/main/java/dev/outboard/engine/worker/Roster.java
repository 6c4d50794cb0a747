package dev.outboard.engine.worker;

import dev.outboard.spi.Notifier;
import java.util.Set;

/**
 * The guests of one worker: how they come and go, which of them are polled, which fds are watched
 * for them. The worker's thread, except where said.
 */
final class Roster {
  private static final GuestPort[] NO_PORTS = {};

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
  boolean adopt(GuestDevice guest) {
    guest.owner = worker;
    slots.add(guest);
    guest.patience = new Patience(quietNanos);
    guestsShown = slots.count();
    for (GuestPort port : guest.ports()) {
      bind(guest, port);
    }
    DeviceQueues queues = guest.queues();
    if (!queues.isStarted()) {
      return true;
    }
    if (!kicks.watch(guest, queues)) {
      withdraw(guest, queues);
      return false;
    }
    enter(guest, queues);
    return true;
  }

  private void bind(GuestDevice guest, GuestPort port) {
    portCount++;
    port.egress.bind(
        new PortContext(
            worker, notifier, Kicks.portToken(guest), () -> portWoken(guest), guest.events::note));
  }

  private void unbind(GuestPort port) {
    portCount--;
    port.egress.flush();
    port.egress.unbind();
  }

  /** See {@link Worker#addPort}. */
  boolean addPort(GuestDevice guest, GuestPort port) {
    boolean first = guest.ports().length == 0;
    guest.add(port);
    if (guest.owner != worker) {
      return true;
    }
    bind(guest, port);
    DeviceQueues queues = guest.queues();
    if (queues.receiveCount() == 0) {
      return true;
    }
    port.egress.receiveOffloads(queues.receive(0).queue.offloads());
    guest.portReady = !guest.portWaitsForBuffers;
    active.wake(guest);
    return !first || kicks.watchBuffers(guest, queues);
  }

  /** See {@link Worker#lookAtPorts}. */
  void lookAtPorts(GuestDevice guest) {
    if (guest.owner == worker && !guest.failed && !guest.portWaitsForBuffers) {
      active.wake(guest);
      boolean _ = forwarder.receive(guest);
    }
  }

  /** See {@link Worker#removePort}. */
  void removePort(GuestDevice guest, GuestPort port) {
    if (guest.owner == worker) {
      if (guest.ports().length == 1) {
        kicks.unwatchBuffers(guest, guest.queues());
        guest.portWaitsForBuffers = false;
        guest.portReady = false;
      }
      unbind(port);
    }
    guest.remove(port);
  }

  /** See {@link Worker#release}. */
  void release(GuestDevice guest) {
    if (guest.owner != worker) {
      return;
    }
    DeviceQueues queues = guest.queues();
    if (queues.isStarted()) {
      leave(guest, queues);
    }
    for (GuestPort port : guest.ports()) {
      unbind(port);
    }
    slots.remove(guest);
    guestsShown = slots.count();
    guest.owner = null;
  }

  /** See {@link Worker#startQueues}. */
  boolean startQueues(GuestDevice guest, DeviceQueues queues) {
    if (!kicks.watch(guest, queues)) {
      return false;
    }
    guest.setQueues(queues);
    for (int i = 0; i < queues.receiveCount(); i++) {
      queues.receive(i).queue.ring().disarmKick();
    }
    for (GuestPort port : guest.ports()) {
      if (queues.receiveCount() > 0) {
        port.egress.receiveOffloads(queues.receive(0).queue.offloads());
      }
    }
    enter(guest, queues);
    if (!queues.callOnce()) {
      guest.events.broken("the call fd can't be written without waiting");
    }
    return true;
  }

  /** See {@link Worker#stopQueues}. */
  void stopQueues(GuestDevice guest) {
    DeviceQueues queues = guest.queues();
    if (queues.isStarted()) {
      leave(guest, queues);
      withdraw(guest, queues);
    }
  }

  private void enter(GuestDevice guest, DeviceQueues queues) {
    startedCount++;
    guest.portReady = guest.ports().length > 0 && queues.receiveCount() > 0;
    guest.portWaitsForBuffers = false;
    active.wake(guest);
  }

  private void leave(GuestDevice guest, DeviceQueues queues) {
    startedCount--;
    forwarder.forget(guest);
    uplinks.letGo(queues.transmits(), !guest.failed);
    kicks.unwatch(guest, queues);
    guest.portReady = false;
    active.remove(guest);
  }

  private static void withdraw(GuestDevice guest, DeviceQueues queues) {
    for (int i = 0; i < queues.receiveCount(); i++) {
      queues.receive(i).queue.stop();
    }
    guest.setQueues(DeviceQueues.NONE);
  }

  /** A guest's port wants to be called, if the guest is still here. */
  void portWoken(GuestDevice guest) {
    if (guest.owner == worker) {
      guest.portReady = true;
      active.wake(guest);
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
      GuestDevice guest = slots.at(Kicks.slot(token));
      if (guest == null) {
        continue;
      }
      if (Kicks.isPort(token)) {
        guest.portReady = !guest.portWaitsForBuffers;
      } else if (Kicks.isReceive(token) && guest.portWaitsForBuffers) {
        guest.portWaitsForBuffers = false;
        guest.portReady = true;
      }
      if (guest.activeAt < 0) {
        guest.patience.rested(now - guest.leftAt);
        active.wake(guest);
      }
    }
  }

  /** The guest's port that was being called when an InternalError came, or null. */
  Egress takeFaulted() {
    Egress found = null;
    for (int slot = 0; slot < slots.end(); slot++) {
      GuestDevice guest = slots.at(slot);
      for (GuestPort port : guest == null ? NO_PORTS : guest.ports()) {
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
      GuestDevice guest = slots.at(slot);
      if (guest == null) {
        continue;
      }
      guest.activeAt = -1;
      if (guest.queues().isStarted()) {
        startedCount++;
        active.add(guest);
      }
    }
  }
}
