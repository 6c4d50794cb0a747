package dev.outboard.engine.vhostuser;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.handover.RegionState;
import dev.outboard.engine.handover.RingState;
import dev.outboard.engine.handover.SessionState;
import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.virtqueue.Virtqueue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The state of one device as its front-end has described it: what the next queues are made of. No
 * queue runs while it changes. The control thread.
 */
final class Device implements AutoCloseable {
  final GuestIdentity identity;
  final FrontendProfile profile;
  final int pairs;
  final Vring[] rings;

  long features;
  long protocolFeatures;
  GuestMemory memory;
  InflightFile inflight;
  BackendChannel backend;

  /** The driver's device status, where the front-end tells it (virtio 1.2, section 2.1). */
  long status;

  /** How many queue pairs the driver has asked for by the control queue, or 0. */
  int chosenPairs;

  /** The driver is asked to tell the network where it is. */
  boolean announce;

  Device(GuestIdentity identity, FrontendProfile profile, int pairs, GuestMemory noMemory) {
    this.identity = identity;
    this.profile = profile;
    this.pairs = pairs;
    memory = noMemory;
    boolean control = (profile.features(pairs) & VirtioNet.CTRL_VQ) != 0;
    rings = new Vring[2 * pairs + (control ? 1 : 0)];
    for (int i = 0; i < rings.length; i++) {
      rings[i] = new Vring();
    }
  }

  long offeredFeatures() {
    return profile.features(pairs);
  }

  boolean has(long feature) {
    return (features & feature) != 0;
  }

  boolean hasProtocol(long feature) {
    return (protocolFeatures & feature) != 0;
  }

  Vring ring(int index) throws ProtocolException {
    if (index < 0 || index >= rings.length) {
      throw new ProtocolException("virtqueue " + index + ", there are " + rings.length);
    }
    return rings[index];
  }

  /** The number of the control queue (virtio 1.2, section 5.1.2), or -1. */
  int controlRing() {
    if (!has(VirtioNet.CTRL_VQ)) {
      return -1;
    }
    return has(VirtioNet.MQ) ? 2 * pairs : 2;
  }

  /** How many pairs there are as the driver sees it. */
  int usablePairs() {
    return has(VirtioNet.MQ) ? pairs : 1;
  }

  /**
   * How many pairs take frames: those that the driver has chosen, one before it chooses (virtio
   * 1.2, section 5.1.6.5.5). Where it chooses by a control queue of its VMM, all, as enabled.
   */
  int activePairs() {
    if (chosenPairs > 0) {
      return chosenPairs;
    }
    int control = controlRing();
    return control >= 0 && control < rings.length && rings[control].isReady() ? 1 : usablePairs();
  }

  void setFeatures(long wanted) throws ProtocolException {
    long unknown = wanted & ~offeredFeatures();
    if (unknown != 0) {
      throw new ProtocolException("features were not offered: " + VirtioNet.names(unknown));
    }
    features = wanted;
    if (!has(VirtioNet.PROTOCOL_FEATURES)) {
      for (Vring ring : rings) {
        ring.enabled = true;
      }
    }
  }

  /** The driver has gone; memory, features and lines stay. */
  void stopRings() {
    for (Vring ring : rings) {
      ring.stop();
      ring.enabled = !has(VirtioNet.PROTOCOL_FEATURES);
    }
    chosenPairs = 0;
    announce = false;
  }

  /** As at the session's start, but for memory and protocol features. */
  void reset() {
    for (Vring ring : rings) {
      ring.reset();
    }
    features = 0;
    status = 0;
    chosenPairs = 0;
    announce = false;
    setInflight(null);
  }

  /**
   * The driver has run elsewhere before, perhaps on another host: it is asked to tell the network
   * where it is now (virtio 1.2, section 5.1.6.5.4), if it reads that from us.
   */
  void announceIfResumed() {
    boolean resumed = false;
    for (Vring ring : rings) {
      resumed |= ring.isReady() && !Virtqueue.isBeginning(ring.base, features);
    }
    if (resumed
        && has(VirtioNet.GUEST_ANNOUNCE)
        && profile.config() == FrontendProfile.Config.OURS) {
      announce = true;
      if (backend != null) {
        backend.configChanged();
      }
    }
  }

  void setInflight(InflightFile file) {
    if (inflight != null) {
      inflight.close();
    }
    inflight = file;
  }

  void setBackend(BackendChannel channel) {
    if (backend != null) {
      backend.close();
    }
    backend = channel;
  }

  /** All of it, for the next process; no queue runs. */
  SessionState state(MessageSocket socket) {
    return new SessionState(
        socket.fd(),
        socket.unread(),
        socket.unreadFds(),
        features,
        protocolFeatures,
        status,
        chosenPairs,
        announce,
        backend == null ? -1 : backend.fd(),
        Stream.of(rings).map(Vring::state).toList(),
        memory.lines().stream().map(Device::region).toList(),
        inflight == null ? null : inflight.state());
  }

  private static RegionState region(GuestMemory.Line line) {
    return new RegionState(
        line.guestAddress(), line.size(), line.userAddress(), line.fileOffset(), line.file());
  }

  /**
   * Takes over what another process knew of the device. The file descriptors are ours from now on,
   * as far as they were taken when it fails: the caller ends the process then.
   */
  void restore(SessionState state, GuestRegions regions) throws ProtocolException, IOException {
    if (state.rings().size() != rings.length) {
      throw new IOException(
          "it has " + state.rings().size() + " rings, declared are " + rings.length);
    }
    setFeatures(state.features());
    protocolFeatures = state.protocolFeatures();
    status = state.status();
    chosenPairs = state.chosenPairs();
    announce = state.announce();
    if (state.backend() >= 0) {
      backend = new BackendChannel(state.backend());
    }
    List<RingState> states = state.rings();
    for (int i = 0; i < rings.length; i++) {
      rings[i].restore(states.get(i));
    }
    List<GuestMemory.Line> lines = new ArrayList<>();
    for (RegionState region : state.memory()) {
      lines.add(
          new GuestMemory.Line(
              region.guestAddress(),
              region.size(),
              region.userAddress(),
              region.fileOffset(),
              region.file()));
    }
    memory = GuestMemory.map(lines, regions, false);
    inflight = state.inflight() == null ? null : InflightFile.restore(state.inflight());
  }

  @Override
  public void close() {
    for (Vring ring : rings) {
      ring.reset();
    }
    memory.close();
    setInflight(null);
    setBackend(null);
  }
}
