package dev.outboard.guest.vhost;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Typed requests of a VMM to a vhost-user backend, in any order the caller likes. Once REPLY_ACK is
 * agreed and {@link #requireReplies} called, every request that has no answer of its own waits for
 * the acknowledgement and throws if the backend refuses. One thread at a time.
 */
public final class VhostUserFrontend implements AutoCloseable {
  private static final byte[] NOTHING = {};

  /** In the number that goes with a kick, call or error descriptor: there is none, poll. */
  private static final long NO_DESCRIPTOR = 1 << 8;

  private final VhostUserChannel channel;
  private boolean replies;

  /** What is added to the numbers of rings. */
  private int firstRing;

  /** Speaks over a channel, which is closed with the frontend. */
  public VhostUserFrontend(VhostUserChannel channel) {
    this.channel = channel;
  }

  /** Connects to a backend that listens. */
  public static VhostUserFrontend connect(Path path, Duration patience) throws IOException {
    return new VhostUserFrontend(VhostUserChannel.connect(path, patience));
  }

  /** Listens until a backend connects. */
  public static VhostUserFrontend accept(Path path, Duration patience) throws IOException {
    return new VhostUserFrontend(VhostUserChannel.accept(path, patience));
  }

  /** Has rings 0 and 1 stand for those of this queue pair from now on. */
  public VhostUserFrontend atPair(int pair) {
    firstRing = 2 * pair;
    return this;
  }

  /** The layer below, for messages that no honest frontend sends. */
  public VhostUserChannel channel() {
    return channel;
  }

  /** Whether requests ask for an acknowledgement from now on; REPLY_ACK must be agreed. */
  public void requireReplies(boolean required) {
    replies = required;
  }

  public long getFeatures() throws IOException {
    return askLong(VhostUserRequest.GET_FEATURES);
  }

  public void setFeatures(long features) throws IOException {
    tell(VhostUserRequest.SET_FEATURES, number(features));
  }

  public long getProtocolFeatures() throws IOException {
    return askLong(VhostUserRequest.GET_PROTOCOL_FEATURES);
  }

  public void setProtocolFeatures(long features) throws IOException {
    tell(VhostUserRequest.SET_PROTOCOL_FEATURES, number(features));
  }

  public void setOwner() throws IOException {
    tell(VhostUserRequest.SET_OWNER, NOTHING);
  }

  public void resetOwner() throws IOException {
    tell(VhostUserRequest.RESET_OWNER, NOTHING);
  }

  public void resetDevice() throws IOException {
    tell(VhostUserRequest.RESET_DEVICE, NOTHING);
  }

  public long getQueueNum() throws IOException {
    return askLong(VhostUserRequest.GET_QUEUE_NUM);
  }

  /** Hands over all memory, one descriptor for each region. */
  public void setMemTable(List<MemoryRegion> regions) throws IOException {
    ByteBuffer payload = buffer(8 + 32 * regions.size()).putInt(regions.size()).putInt(0);
    int[] fds = new int[regions.size()];
    for (int i = 0; i < fds.length; i++) {
      putRegion(payload, regions.get(i));
      fds[i] = regions.get(i).fd();
    }
    tell(VhostUserRequest.SET_MEM_TABLE, bytes(payload), fds);
  }

  public long getMaxMemSlots() throws IOException {
    return askLong(VhostUserRequest.GET_MAX_MEM_SLOTS);
  }

  public void addMemReg(MemoryRegion region) throws IOException {
    ByteBuffer payload = buffer(40).putLong(0);
    putRegion(payload, region);
    tell(VhostUserRequest.ADD_MEM_REG, bytes(payload), region.fd());
  }

  public void remMemReg(MemoryRegion region) throws IOException {
    ByteBuffer payload = buffer(40).putLong(0);
    putRegion(payload, region);
    tell(VhostUserRequest.REM_MEM_REG, bytes(payload));
  }

  private static void putRegion(ByteBuffer payload, MemoryRegion region) {
    payload.putLong(region.guestAddress()).putLong(region.size());
    payload.putLong(region.userAddress()).putLong(region.fileOffset());
  }

  public void setVringNum(int ring, int size) throws IOException {
    tell(VhostUserRequest.SET_VRING_NUM, state(ring + firstRing, size));
  }

  /** Where a ring's parts are, in the VMM's own addresses. */
  public void setVringAddr(int ring, long descriptors, long used, long available)
      throws IOException {
    ByteBuffer payload = buffer(40).putInt(ring + firstRing).putInt(0);
    payload.putLong(descriptors).putLong(used).putLong(available).putLong(0);
    tell(VhostUserRequest.SET_VRING_ADDR, bytes(payload));
  }

  public void setVringBase(int ring, int index) throws IOException {
    tell(VhostUserRequest.SET_VRING_BASE, state(ring + firstRing, index));
  }

  /** Stops the ring and returns the available index up to which the backend has come. */
  public int getVringBase(int ring) throws IOException {
    ByteBuffer answer =
        ask(VhostUserRequest.GET_VRING_BASE, state(ring + firstRing, 0), Long.BYTES);
    int answered = answer.getInt();
    if (answered != ring + firstRing) {
      throw new VhostUserException("GET_VRING_BASE of ring " + ring + " told of " + answered);
    }
    return answer.getInt();
  }

  /** Gives the descriptor on which the driver kicks; -1: there is none, the backend polls. */
  public void setVringKick(int ring, int fd) throws IOException {
    tellDescriptor(VhostUserRequest.SET_VRING_KICK, ring, fd);
  }

  /** Gives the descriptor on which the driver wants to be called; -1: it polls. */
  public void setVringCall(int ring, int fd) throws IOException {
    tellDescriptor(VhostUserRequest.SET_VRING_CALL, ring, fd);
  }

  /** Gives the descriptor for errors; -1: there is none. */
  public void setVringErr(int ring, int fd) throws IOException {
    tellDescriptor(VhostUserRequest.SET_VRING_ERR, ring, fd);
  }

  private void tellDescriptor(VhostUserRequest request, int ring, int fd) throws IOException {
    if (fd < 0) {
      tell(request, number(ring + firstRing | NO_DESCRIPTOR));
    } else {
      tell(request, number(ring + firstRing), fd);
    }
  }

  public void setVringEnable(int ring, boolean enabled) throws IOException {
    tell(VhostUserRequest.SET_VRING_ENABLE, state(ring + firstRing, enabled ? 1 : 0));
  }

  /** Reads the device's config space. */
  public byte[] getConfig(int offset, int size) throws IOException {
    byte[] payload = bytes(buffer(12 + size).putInt(offset).putInt(size).putInt(0));
    ByteBuffer answer = ask(VhostUserRequest.GET_CONFIG, payload, payload.length);
    byte[] config = new byte[size];
    answer.position(12).get(config);
    return config;
  }

  /** Writes the device's config space as the driver would. */
  public void setConfig(int offset, byte[] bytes) throws IOException {
    ByteBuffer payload = buffer(12 + bytes.length).putInt(offset).putInt(bytes.length).putInt(0);
    tell(VhostUserRequest.SET_CONFIG, bytes(payload.put(bytes)));
  }

  public void netSetMtu(int mtu) throws IOException {
    tell(VhostUserRequest.NET_SET_MTU, number(mtu));
  }

  /** Asks the backend to announce the guest; the address stands in wire order. */
  public void sendRarp(long mac) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(8);
    payload.putShort((short) (mac >>> 32)).putInt((int) mac);
    tell(VhostUserRequest.SEND_RARP, bytes(payload));
  }

  public void setBackendReqFd(int fd) throws IOException {
    tell(VhostUserRequest.SET_BACKEND_REQ_FD, NOTHING, fd);
  }

  public void setStatus(long status) throws IOException {
    tell(VhostUserRequest.SET_STATUS, number(status));
  }

  public long getStatus() throws IOException {
    return askLong(VhostUserRequest.GET_STATUS);
  }

  /** Asks for the file in which the backend notes what is in flight: header and descriptor. */
  public VhostUserMessage getInflightFd(int queues, int queueSize) throws IOException {
    byte[] payload = inflight(0, 0, queues, queueSize);
    channel.send(VhostUserRequest.GET_INFLIGHT_FD, 0, payload);
    return answer(VhostUserRequest.GET_INFLIGHT_FD, payload.length);
  }

  /** Gives that file back after a reconnect. */
  public void setInflightFd(long size, long offset, int queues, int queueSize, int fd)
      throws IOException {
    tell(VhostUserRequest.SET_INFLIGHT_FD, inflight(size, offset, queues, queueSize), fd);
  }

  private static byte[] inflight(long size, long offset, int queues, int queueSize) {
    // The C structure ends in padding, which QEMU sends too.
    ByteBuffer payload = buffer(24).putLong(size).putLong(offset);
    return bytes(payload.putShort((short) queues).putShort((short) queueSize));
  }

  private long askLong(VhostUserRequest request) throws IOException {
    return ask(request, NOTHING, Long.BYTES).getLong();
  }

  private ByteBuffer ask(VhostUserRequest request, byte[] payload, int answerSize)
      throws IOException {
    channel.send(request, 0, payload);
    return answer(request, answerSize).payload();
  }

  private VhostUserMessage answer(VhostUserRequest request, int size) throws IOException {
    VhostUserMessage answer = channel.receive();
    int flags = VhostUserMessage.VERSION | VhostUserMessage.REPLY;
    if (answer.request() != request.number()
        || answer.flags() != flags
        || answer.payload().remaining() != size) {
      throw new VhostUserException(request + " was answered by " + answer);
    }
    return answer;
  }

  private void tell(VhostUserRequest request, byte[] payload, int... fds) throws IOException {
    channel.send(request, replies ? VhostUserMessage.NEED_REPLY : 0, payload, fds);
    if (replies) {
      long result = answer(request, Long.BYTES).payload().getLong();
      if (result != 0) {
        throw new VhostUserException(
            "the backend refused " + request + " " + Arrays.toString(payload) + ": " + result);
      }
    }
  }

  private static byte[] number(long value) {
    return bytes(buffer(Long.BYTES).putLong(value));
  }

  private static byte[] state(int ring, int number) {
    return bytes(buffer(8).putInt(ring).putInt(number));
  }

  private static byte[] bytes(ByteBuffer payload) {
    byte[] bytes = new byte[payload.capacity()];
    payload.get(0, bytes);
    return bytes;
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    channel.close();
  }
}
