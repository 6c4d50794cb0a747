package dev.outboard.engine.vhostuser;

/** Bits of the vhost-user protocol features that are offered (section "Protocol features"). */
final class ProtocolFeatures {
  /** Several queue pairs. */
  static final long MQ = 1L;

  /** A front-end may ask for the result of a request that has no answer of its own. */
  static final long REPLY_ACK = 1L << 3;

  /** The VMM tells the MTU it shows its driver. */
  static final long NET_MTU = 1L << 4;

  /** A channel for our requests to the VMM; UML 6.1 has no calls without it. */
  static final long BACKEND_REQ = 1L << 5;

  /** We answer the driver's reads of the configuration space. */
  static final long CONFIG = 1L << 9;

  /** A file that tells the next back-end what was in flight. */
  static final long INFLIGHT_SHMFD = 1L << 12;

  /** RESET_DEVICE. */
  static final long RESET_DEVICE = 1L << 13;

  /** Memory regions are added and removed one by one. */
  static final long CONFIGURE_MEM_SLOTS = 1L << 15;

  /** The driver's device status is told and asked for. */
  static final long STATUS = 1L << 16;

  private ProtocolFeatures() {}
}
