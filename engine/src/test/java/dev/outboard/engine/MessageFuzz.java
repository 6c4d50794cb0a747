package dev.outboard.engine;

import dev.outboard.guest.vhost.VhostUserChannel;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.guest.vhost.VhostUserRequest;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.MemoryFile;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;

/**
 * Whole connections of a VMM: a start-up that is nearly right, with messages left out, doubled,
 * swapped, changed, cut, or joined by others, and descriptors of all kinds. The guest is one whose
 * control queue and configuration we serve, with several queue pairs.
 */
final class MessageFuzz implements FuzzRun.Target, AutoCloseable {
  static final int NUMBER = 10;
  private static final int PAIRS = 2;
  private static final int RINGS = 2 * PAIRS + 1;
  private static final int MOST_MESSAGES = 40;
  private static final long SIZE = 1 << 20;
  private static final long GUEST = 0x4000_0000;
  private static final long USER = 0x7000_0000_0000L;
  private static final long FEATURES = 1L << 32 | 1L << 30 | 1L << 29 | 1L << 28 | 1L << 17;
  private static final long RING_PACKED = 1L << 34;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What a VMM says in order; ring messages are said of each ring. */
  private static final VhostUserRequest[] START = {
    VhostUserRequest.SET_OWNER,
    VhostUserRequest.GET_FEATURES,
    VhostUserRequest.SET_PROTOCOL_FEATURES,
    VhostUserRequest.SET_FEATURES,
    VhostUserRequest.SET_MEM_TABLE,
    VhostUserRequest.SET_VRING_NUM,
    VhostUserRequest.SET_VRING_BASE,
    VhostUserRequest.SET_VRING_ADDR,
    VhostUserRequest.SET_VRING_CALL,
    VhostUserRequest.SET_VRING_KICK,
    VhostUserRequest.SET_VRING_ENABLE
  };

  private final TestHost host;
  private final int memory;
  private final int eventFd;
  private final int[] pair;

  /** Attaches its guest. */
  MessageFuzz(TestHost host) throws Exception {
    this.host = host;
    host.engine.attach(host.spec(NUMBER, Frontend.CROSVM, PAIRS));
    memory = MemoryFile.create("message-fuzz", 2 * SIZE);
    eventFd = EventFd.create();
    pair = UnixSocket.pair();
  }

  @Override
  public void run(FuzzInput in) throws Exception {
    try (VhostUserChannel channel = VhostUserChannel.connect(host.socket(NUMBER), PATIENCE)) {
      int step = 0;
      for (int i = 0; i < MOST_MESSAGES && (step < START.length * 2 || in.hasMore()); i++) {
        VhostUserRequest[] all = VhostUserRequest.values();
        VhostUserRequest request =
            in.oneIn(8) ? all[in.below(all.length)] : START[step % START.length];
        send(channel, in, request, step % RINGS);
        if (!in.oneIn(8)) {
          step++;
        }
      }
    } catch (IOException e) {
      // The connection was closed on us, as it should.
    }
    TestHost.await(() -> host.status("g" + NUMBER).state() == GuestStatus.State.WAITING);
  }

  private void send(VhostUserChannel channel, FuzzInput in, VhostUserRequest request, int ring)
      throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(512).order(ByteOrder.nativeOrder());
    int fds = payload(in, request, in.oneIn(8) ? (int) in.edge() : ring, payload);
    byte[] bytes = Arrays.copyOf(payload.array(), payload.position());
    if (in.oneIn(12) && bytes.length > 0) {
      bytes[in.below(bytes.length)] = (byte) in.octet();
    }
    int number = in.oneIn(32) ? (int) in.edge() : request.number();
    int flags = in.oneIn(24) ? (int) in.edge() : (int) in.oneOf(1, 9);
    int size = in.oneIn(24) ? (int) in.edge() : bytes.length;
    int[] descriptors = descriptors(in, request, in.oneIn(12) ? in.below(12) : fds);
    byte[] message = VhostUserMessage.bytes(number, flags, size, bytes);
    int cut = in.oneIn(12) ? in.below(message.length) : 0;
    if (cut > 0) {
      channel.sendRaw(Arrays.copyOf(message, cut), descriptors);
      channel.sendRaw(Arrays.copyOfRange(message, cut, message.length));
    } else {
      channel.sendRaw(message, descriptors);
    }
  }

  private static long unusual(FuzzInput in) {
    return in.oneIn(2) ? FEATURES | RING_PACKED : in.edge();
  }

  /** Writes what the request wants to carry; returns how many descriptors. */
  private static int payload(FuzzInput in, VhostUserRequest request, int ring, ByteBuffer to) {
    switch (request) {
      case SET_FEATURES -> to.putLong(in.oneIn(4) ? unusual(in) : FEATURES);
      case SET_PROTOCOL_FEATURES -> to.putLong(in.oneIn(4) ? in.edge() : 1L << 3 | 1L << 9);
      case SET_MEM_TABLE -> {
        int count = in.oneIn(6) ? in.below(10) : 1;
        to.putInt(in.oneIn(16) ? (int) in.edge() : count).putInt(0);
        for (int i = 0; i < count; i++) {
          region(in, to, i);
        }
        return count;
      }
      case ADD_MEM_REG, REM_MEM_REG -> {
        to.putLong(0);
        region(in, to, in.below(4));
        return request == VhostUserRequest.ADD_MEM_REG ? 1 : 0;
      }
      case SET_VRING_NUM -> to.putInt(ring).putInt((int) in.oneOf(256, 64, 1, in.edge()));
      case SET_VRING_BASE, GET_VRING_BASE ->
          to.putInt(ring).putInt((int) in.oneOf(0, 0, in.edge()));
      case SET_VRING_ENABLE -> to.putInt(ring).putInt((int) in.oneOf(1, 1, 0, in.edge()));
      case SET_VRING_ADDR -> {
        to.putInt(ring).putInt(0);
        for (int part = 0; part < 3; part++) {
          long right = USER + 0x1_0000L * (ring & 7) + 0x4000L * part;
          to.putLong(in.oneIn(12) ? right + in.edge() : right);
        }
        to.putLong(0);
      }
      case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR -> {
        boolean none = in.oneIn(6);
        to.putLong((ring & 0xff) | (none ? 1 << 8 : 0));
        return none ? 0 : 1;
      }
      case GET_CONFIG, SET_CONFIG -> {
        int size = in.below(64);
        to.putInt((int) in.oneOf(0, in.edge())).putInt(size).putInt(0).put(new byte[size]);
      }
      case GET_INFLIGHT_FD, SET_INFLIGHT_FD -> {
        to.putLong(in.oneOf(SIZE, in.edge())).putLong(in.oneOf(0, 4096, in.edge()));
        to.putShort((short) in.oneOf(RINGS, 2, in.edge()));
        to.putShort((short) in.oneOf(256, in.edge())).putInt(0);
        return request == VhostUserRequest.SET_INFLIGHT_FD ? 1 : 0;
      }
      case NET_SET_MTU, SET_STATUS, SEND_RARP -> to.putLong(in.oneOf(1500, 0, 15, in.edge()));
      case SET_BACKEND_REQ_FD -> {
        return 1;
      }
      default -> {}
    }
    return 0;
  }

  private static void region(FuzzInput in, ByteBuffer to, int i) {
    to.putLong(GUEST + i * SIZE + (in.oneIn(12) ? in.edge() : 0));
    to.putLong(in.oneIn(12) ? in.edge() : SIZE);
    to.putLong(USER + i * SIZE + (in.oneIn(12) ? in.edge() : 0));
    to.putLong(in.oneIn(8) ? in.edge() : SIZE * (i & 1));
  }

  private int[] descriptors(FuzzInput in, VhostUserRequest request, int count) {
    int[] descriptors = new int[count];
    int right =
        switch (request) {
          case SET_MEM_TABLE, ADD_MEM_REG, SET_INFLIGHT_FD -> memory;
          case SET_BACKEND_REQ_FD -> pair[0];
          default -> eventFd;
        };
    for (int i = 0; i < count; i++) {
      descriptors[i] = in.oneIn(12) ? (int) in.oneOf(memory, eventFd, pair[0], pair[1], 0) : right;
    }
    return descriptors;
  }

  @Override
  public void close() {
    FileDescriptors.close(memory);
    FileDescriptors.close(eventFd);
    FileDescriptors.close(pair[0]);
    FileDescriptors.close(pair[1]);
  }
}
