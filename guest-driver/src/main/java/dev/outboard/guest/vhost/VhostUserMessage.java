package dev.outboard.guest.vhost;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One message as it came off the socket: the three header words, the payload, and the descriptors
 * beside it, which belong to whoever holds the message. Not thread-safe.
 */
public final class VhostUserMessage {
  public static final int HEADER_SIZE = 12;
  public static final int VERSION = 1;
  public static final int REPLY = 1 << 2;
  public static final int NEED_REPLY = 1 << 3;

  private final int request;
  private final int flags;
  private final byte[] payload;
  private final int[] fds;

  VhostUserMessage(int request, int flags, byte[] payload, int[] fds) {
    this.request = request;
    this.flags = flags;
    this.payload = payload;
    this.fds = fds;
  }

  public int request() {
    return request;
  }

  public int flags() {
    return flags;
  }

  /** The payload, to be read in the machine's byte order. */
  public ByteBuffer payload() {
    return ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
  }

  /** The descriptors, now the caller's to close. */
  public int[] fds() {
    return fds.clone();
  }

  /** Header and payload as bytes. */
  public static byte[] bytes(int request, int flags, int size, byte[] payload) {
    return ByteBuffer.allocate(HEADER_SIZE + payload.length)
        .order(ByteOrder.nativeOrder())
        .putInt(request)
        .putInt(flags)
        .putInt(size)
        .put(payload)
        .array();
  }

  @Override
  public String toString() {
    return VhostUserRequest.describe(request)
        + " flags "
        + flags
        + ", "
        + payload.length
        + " bytes, "
        + fds.length
        + " descriptors";
  }
}
