package dev.outboard.guest;

import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserChannel;
import dev.outboard.guest.vhost.VhostUserFeatures;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.guest.vhost.VhostUserRequest;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A vhost-user backend for one guest, as small as can be, so that the stand-in guest can be tested
 * without the product. Frames that the guest sends go to {@link #outbox}; those in {@link #inbox}
 * go to the guest. Everything happens in {@link #step}, on the caller's thread.
 */
final class PlainBackend implements AutoCloseable {
  private static final int RINGS = 2;

  private final VhostUserChannel channel;
  private final long features;
  private final Epoll readable = new Epoll();
  private final List<MemoryRegion> regions = new ArrayList<>();
  private final List<MemorySegment> mappings = new ArrayList<>();
  private final int[] sizes = new int[RINGS];
  private final int[] bases = new int[RINGS];
  private final int[] kicks = {-1, -1};
  private final int[] calls = {-1, -1};
  private final PlainDevice[] devices = new PlainDevice[RINGS];
  private Arena arena = Arena.ofShared();
  private long agreed;

  final Deque<byte[]> outbox = new ArrayDeque<>();
  final Deque<byte[]> inbox = new ConcurrentLinkedDeque<>();
  final List<String> requests = new ArrayList<>();
  boolean sleepy;
  int callCount;

  PlainBackend(VhostUserChannel channel, long features) throws IOException {
    this.channel = channel;
    this.features = features | VhostUserFeatures.PROTOCOL_FEATURES;
    readable.add(channel.fd(), Epoll.IN, 0);
  }

  /** Answers messages and carries frames; waits at most so long if there is nothing to do. */
  void step(long nanos) throws IOException {
    int moved = devices[0] != null && devices[1] != null ? carry() : 0;
    boolean rest = moved == 0;
    if (rest && sleepy) {
      for (PlainDevice device : devices) {
        rest &= device == null || device.arm();
      }
    }
    int count = readable.await(rest && sleepy ? nanos : 0);
    for (int i = 0; i < count; i++) {
      if (readable.data(i) == 0) {
        answer(channel.receive());
      } else {
        EventFd.drain(kicks[(int) readable.data(i) - 1]);
      }
    }
    for (PlainDevice device : devices) {
      if (device != null) {
        device.quiet();
      }
    }
  }

  private int carry() {
    int moved = 0;
    PlainDevice tx = devices[VirtioNetDriver.TX];
    PlainDevice rx = devices[VirtioNetDriver.RX];
    for (PlainDevice.Chain chain = tx.take(); chain != null; chain = tx.take()) {
      outbox.add(PlainDevice.read(chain));
      tx.complete(chain.head(), 0);
      moved++;
    }
    call(VirtioNetDriver.TX);
    boolean mergeable = (agreed & VirtioNet.MRG_RXBUF) != 0;
    while (!inbox.isEmpty() && rx.deliver(inbox.peek(), mergeable)) {
      inbox.remove();
      moved++;
    }
    call(VirtioNetDriver.RX);
    return moved;
  }

  private void call(int ring) {
    if (devices[ring].publish()) {
      callCount++;
      long _ = EventFd.signal(calls[ring]);
    }
  }

  private void answer(VhostUserMessage message) throws IOException {
    VhostUserRequest request = VhostUserRequest.find(message.request()).orElseThrow();
    requests.add(request.name());
    ByteBuffer payload = message.payload();
    int[] fds = message.fds();
    long result = 0;
    boolean reply = (message.flags() & VhostUserMessage.NEED_REPLY) != 0;
    switch (request) {
      case GET_FEATURES -> {
        result = features;
        reply = true;
      }
      case SET_FEATURES -> agreed = payload.getLong();
      case GET_PROTOCOL_FEATURES -> {
        result = VhostUserFeatures.REPLY_ACK;
        reply = true;
      }
      case SET_MEM_TABLE -> mapTable(payload, fds);
      case SET_VRING_NUM -> sizes[payload.getInt()] = payload.getInt();
      case SET_VRING_BASE -> bases[payload.getInt()] = payload.getInt();
      case SET_VRING_ADDR -> {
        int ring = payload.getInt();
        long descriptors = payload.getLong(8);
        devices[ring] =
            new PlainDevice(
                user(descriptors),
                user(payload.getLong(24)),
                user(payload.getLong(16)),
                sizes[ring],
                (agreed & VirtioNet.EVENT_IDX) != 0,
                this::guest);
        devices[ring].begin(bases[ring]);
      }
      case GET_VRING_BASE -> {
        int ring = payload.getInt();
        result = ring | ((long) devices[ring].base() << 32);
        devices[ring] = null;
        reply = true;
      }
      case SET_VRING_KICK -> {
        int ring = payload.get() & 0xff;
        // Closing is not enough: the guest holds the same open file, so epoll would go on with it.
        readable.remove(kicks[ring]);
        replace(kicks, ring, fds[0]);
        readable.add(fds[0], Epoll.IN, 1 + ring);
      }
      case SET_VRING_CALL -> replace(calls, payload.get() & 0xff, fds[0]);
      default -> {}
    }
    if (reply) {
      byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(result).array();
      channel.send(request, VhostUserMessage.REPLY, bytes);
    }
  }

  private static void replace(int[] fds, int ring, int fd) {
    if (fds[ring] >= 0) {
      FileDescriptors.close(fds[ring]);
    }
    fds[ring] = fd;
  }

  private void mapTable(ByteBuffer payload, int[] fds) throws IOException {
    arena.close();
    arena = Arena.ofShared();
    regions.clear();
    mappings.clear();
    int count = payload.getInt();
    payload.getInt();
    for (int i = 0; i < count; i++) {
      MemoryRegion region =
          new MemoryRegion(
              payload.getLong(), payload.getLong(), payload.getLong(), payload.getLong(), fds[i]);
      regions.add(region);
      mappings.add(Mapping.map(fds[i], region.fileOffset(), region.size(), arena));
      FileDescriptors.close(fds[i]);
    }
  }

  private MemorySegment user(long address) {
    for (int i = 0; i < regions.size(); i++) {
      long offset = address - regions.get(i).userAddress();
      if (offset >= 0 && offset < regions.get(i).size()) {
        return mappings.get(i).asSlice(offset);
      }
    }
    throw new AssertionError("no region has user address 0x" + Long.toHexString(address));
  }

  private MemorySegment guest(long address) {
    for (int i = 0; i < regions.size(); i++) {
      long offset = address - regions.get(i).guestAddress();
      if (offset >= 0 && offset < regions.get(i).size()) {
        return mappings.get(i).asSlice(offset);
      }
    }
    throw new AssertionError("no region has guest address 0x" + Long.toHexString(address));
  }

  @Override
  public void close() {
    channel.close();
    readable.close();
    for (int ring = 0; ring < RINGS; ring++) {
      replace(kicks, ring, -1);
      replace(calls, ring, -1);
    }
    arena.close();
  }
}
