package dev.outboard.engine.vhostuser;

import dev.outboard.engine.virtqueue.VirtioNet;

/**
 * In what a VMM's vhost-user front-end differs from the others, where the protocol leaves it open
 * or front-ends read it differently. Nothing in the protocol names the front-end, so a user does.
 *
 * @param queueNumber what GET_QUEUE_NUM counts for it
 * @param config who answers the driver's reads of the configuration space
 * @param control who serves the control queue, where there must be one
 * @param inflight whether the in-flight file is offered; Cloud Hypervisor does not send its state
 *     again after a reconnect where it is
 * @param packed whether packed rings are offered
 */
public record FrontendProfile(
    QueueNumber queueNumber, Config config, Control control, boolean inflight, boolean packed) {

  /** What GET_QUEUE_NUM counts. */
  public enum QueueNumber {
    /** Queue pairs. */
    PAIRS,
    /** Transmit and receive queues. */
    DATA_QUEUES,
    /** Those and the control queue. */
    ALL_QUEUES
  }

  /** Who serves the configuration space. */
  public enum Config {
    /** We do: the MTU stands there. */
    OURS,
    /** The VMM does; it tells us its MTU, by NET_SET_MTU. */
    VMM_TELLS_MTU,
    /** The VMM does. */
    VMM,
    /** Not known: answered if asked, but nothing may depend on it. */
    UNKNOWN
  }

  /** Who serves the control queue. */
  public enum Control {
    /** We do. */
    OURS,
    /** The VMM does, and shows its driver those features of it that we name. */
    VMM_IF_OFFERED,
    /** It is offered only with several queue pairs, and served if it comes. */
    FOR_SEVERAL_PAIRS
  }

  private static final long CONTROL_FEATURES =
      VirtioNet.CTRL_VQ | VirtioNet.CTRL_RX | VirtioNet.CTRL_MAC_ADDR | VirtioNet.GUEST_ANNOUNCE;

  /** The virtio features of a device with so many queue pairs. */
  long features(int pairs) {
    long offered = VirtioNet.ALWAYS_OFFERED;
    if (config == Config.OURS || config == Config.VMM_TELLS_MTU) {
      offered |= VirtioNet.MTU;
    }
    if (control != Control.FOR_SEVERAL_PAIRS) {
      offered |= CONTROL_FEATURES;
    }
    if (pairs > 1) {
      offered |= VirtioNet.CTRL_VQ | VirtioNet.MQ;
    }
    return packed ? offered | VirtioNet.RING_PACKED : offered;
  }

  /** The protocol features. */
  long protocolFeatures() {
    long offered =
        ProtocolFeatures.MQ
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.NET_MTU
            | ProtocolFeatures.BACKEND_REQ
            | ProtocolFeatures.RESET_DEVICE
            | ProtocolFeatures.CONFIGURE_MEM_SLOTS
            | ProtocolFeatures.STATUS;
    if (config == Config.OURS || config == Config.UNKNOWN) {
      offered |= ProtocolFeatures.CONFIG;
    }
    return inflight ? offered | ProtocolFeatures.INFLIGHT_SHMFD : offered;
  }

  /** The answer to GET_QUEUE_NUM. */
  int queueNumber(int pairs) {
    return switch (queueNumber) {
      case PAIRS -> pairs;
      case DATA_QUEUES -> 2 * pairs;
      case ALL_QUEUES -> 2 * pairs + 1;
    };
  }
}
