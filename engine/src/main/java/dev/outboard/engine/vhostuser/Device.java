package dev.outboard.engine.vhostuser;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.VirtioNet;

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
