package dev.outboard.engine.vhostuser;

import dev.outboard.engine.handover.RingState;
import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.BadRingException;
import dev.outboard.engine.virtqueue.InflightQueue;
import dev.outboard.engine.virtqueue.Virtqueue;
import dev.outboard.engine.worker.CallLine;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;

/** What the front-end has said of one virtqueue so far. The control thread. */
final class Vring {
  int size;
  int base;
  long descriptors;
  long avail;
  long used;
  boolean addressesKnown;

  /** A kick fd has come, or the word that there is none: the ring may run. */
  boolean started;

  boolean enabled;
  int kick = -1;
  CallLine call;
  int error = -1;

  /** The ring that was made of all this and is being served, or null. */
  private Virtqueue serving;

  boolean isReady() {
    return started && addressesKnown && size != 0;
  }

  /** Makes the ring, to be served from now on. */
  Virtqueue serve(GuestMemory memory, long features, InflightQueue inflight)
      throws ProtocolException {
    try {
      Virtqueue.Layout layout = new Virtqueue.Layout(size, base, descriptors, avail, used);
      serving = Virtqueue.open(layout, memory, features, inflight);
      return serving;
    } catch (BadRingException e) {
      throw new ProtocolException(e.getMessage());
    }
  }

  /** Nobody serves the ring any more: remembers how far it has come. */
  void keepPosition() {
    if (serving != null) {
      base = serving.position();
      serving = null;
    }
  }

  void setKick(int fd) {
    if (kick >= 0) {
      FileDescriptors.closeForeign(kick);
    }
    kick = fd;
  }

  void setCall(CallLine line) {
    if (call != null) {
      call.close();
    }
    call = line;
  }

  void setError(int fd) {
    if (error >= 0) {
      FileDescriptors.closeForeign(error);
    }
    error = fd;
  }

  void stop() {
    started = false;
    setKick(-1);
  }

  /** All of it, for the next process; nobody serves the ring. */
  RingState state() {
    return new RingState(
        size,
        base,
        descriptors,
        avail,
        used,
        addressesKnown,
        started,
        enabled,
        kick,
        call == null ? -1 : call.fd(),
        error);
  }

  /** Takes over what another process knew; its file descriptors are ours from now on. */
  void restore(RingState state) throws IOException {
    size = state.size();
    base = state.base();
    descriptors = state.descriptors();
    avail = state.avail();
    used = state.used();
    addressesKnown = state.addressesKnown();
    started = state.started();
    enabled = state.enabled();
    kick = state.kick();
    error = state.error();
    call = state.call() < 0 ? null : new CallLine(state.call());
  }

  /** As it was before the front-end said anything. */
  void reset() {
    stop();
    setCall(null);
    setError(-1);
    size = 0;
    base = 0;
    addressesKnown = false;
    enabled = false;
  }
}
