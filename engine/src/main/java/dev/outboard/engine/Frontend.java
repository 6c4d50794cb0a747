package dev.outboard.engine;

import dev.outboard.engine.vhostuser.FrontendProfile;
import dev.outboard.engine.vhostuser.FrontendProfile.Config;
import dev.outboard.engine.vhostuser.FrontendProfile.Control;
import dev.outboard.engine.vhostuser.FrontendProfile.QueueNumber;

/**
 * What kind of VMM speaks vhost-user with us for a guest. Front-ends differ where the protocol is
 * silent, and none says who it is: so the user says it, and nothing is guessed.
 */
public enum Frontend {
  /** Any: what all front-ends understand, and no more. */
  GENERIC,
  /** QEMU, {@code -netdev vhost-user}. */
  QEMU,
  /** Cloud Hypervisor. */
  CLOUD_HYPERVISOR,
  /** crosvm. */
  CROSVM,
  /** libkrun. */
  LIBKRUN,
  /** User-mode Linux. */
  UML,
  /** DPDK's virtio-user. */
  VIRTIO_USER;

  /** Whether a guest with this layout declared is offered packed rings. */
  boolean offersPacked(RingLayout ring) {
    return switch (ring) {
      case SPLIT -> false;
      case PACKED -> this != UML;
      case AUTO -> this == QEMU || this == VIRTIO_USER;
    };
  }

  FrontendProfile profile(RingLayout ring) {
    boolean packed = offersPacked(ring);
    return switch (this) {
      case GENERIC ->
          new FrontendProfile(
              QueueNumber.DATA_QUEUES, Config.UNKNOWN, Control.FOR_SEVERAL_PAIRS, true, packed);
      case QEMU ->
          new FrontendProfile(
              QueueNumber.PAIRS, Config.VMM_TELLS_MTU, Control.VMM_IF_OFFERED, true, packed);
      case CLOUD_HYPERVISOR ->
          new FrontendProfile(
              QueueNumber.DATA_QUEUES, Config.VMM, Control.FOR_SEVERAL_PAIRS, false, packed);
      case CROSVM, LIBKRUN, UML ->
          new FrontendProfile(QueueNumber.ALL_QUEUES, Config.OURS, Control.OURS, true, packed);
      case VIRTIO_USER ->
          new FrontendProfile(
              QueueNumber.PAIRS, Config.VMM, Control.FOR_SEVERAL_PAIRS, true, packed);
    };
  }
}
