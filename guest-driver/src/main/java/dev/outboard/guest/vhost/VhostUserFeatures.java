package dev.outboard.guest.vhost;

/** Feature bits of the vhost-user protocol itself. Constants only; any thread. */
public final class VhostUserFeatures {
  /** The virtio feature bit that says: there are protocol features. */
  public static final long PROTOCOL_FEATURES = 1L << 30;

  /** The virtio feature bit that says: log what is written. */
  public static final long LOG_ALL = 1L << 26;

  public static final long MQ = 1L;
  public static final long LOG_SHMFD = 1L << 1;
  public static final long RARP = 1L << 2;
  public static final long REPLY_ACK = 1L << 3;
  public static final long NET_MTU = 1L << 4;
  public static final long BACKEND_REQ = 1L << 5;
  public static final long CONFIG = 1L << 9;
  public static final long BACKEND_SEND_FD = 1L << 10;
  public static final long INFLIGHT_SHMFD = 1L << 12;
  public static final long RESET_DEVICE = 1L << 13;
  public static final long CONFIGURE_MEM_SLOTS = 1L << 15;
  public static final long STATUS = 1L << 16;

  private VhostUserFeatures() {}
}
