package dev.outboard.engine.vhostuser;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.worker.CallLine;
import dev.outboard.engine.worker.DeviceQueues;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * One VMM's connection, from its first message to its end. The control thread alone.
 *
 * <p>Theory of operation. What the front-end says is kept here; the worker gets finished queues. A
 * message that changes anything about running queues stops them first, waits until no worker
 * touches them (no further message is read meanwhile), applies the change, and starts what can be
 * started. That is slow and simple; such messages come a few times in a guest's life. Positions
 * survive: a stopped queue has completed and published everything it took.
 */
public final class VhostUserSession {
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int QUEUES = 2;

  /** Protocol features (section "Protocol features"). */
  private static final long REPLY_ACK = 1L << 3;

  /** We send no requests, but UML 6.1 has no interrupt for its rings without the channel. */
  private static final long BACKEND_REQ = 1L << 5;

  private static final long CONFIG = 1L << 9;
  private static final long PROTOCOL_OFFERED = REPLY_ACK | BACKEND_REQ | CONFIG;

  private static final int VRING_INDEX = 0xff;
  private static final int VRING_NO_FD = 1 << 8;

  private final SessionOwner owner;
  private final MessageSocket socket;
  private final Vring[] rings = {new Vring(), new Vring()};
  private long features;
  private long protocolFeatures;
  private GuestMemory memory;
  private DeviceQueues running = DeviceQueues.NONE;

  /** Queues are being stopped; no message is read until they are. */
  private boolean waiting;

  private boolean ended;

  /** Our end of the channel for requests to the VMM, kept open for its sake, or -1. */
  private int backendRequests = -1;

  /** Takes the connected socket over. */
  public VhostUserSession(int fd, SessionOwner owner) {
    this.owner = owner;
    socket = new MessageSocket(fd);
  }

  /** Serves what has come; whenever the socket is readable. */
  public void readable() {
    try {
      while (!waiting && !ended) {
        switch (socket.read()) {
          case MESSAGE -> serve();
          case WAIT -> {
            return;
          }
          case CLOSED -> end("the VMM has closed the connection");
        }
      }
    } catch (ProtocolException e) {
      end(e.getMessage());
    }
  }

  private void serve() throws ProtocolException {
    Request request = Request.of(socket.code());
    if (request == null) {
      throw new ProtocolException("request " + socket.code() + " is not served");
    }
    if (request.size >= 0 && socket.size() != request.size) {
      throw new ProtocolException(
          request.label() + " with " + socket.size() + " bytes, must be " + request.size);
    }
    if (socket.fds().count() > request.maxFds) {
      throw new ProtocolException(request.label() + " with file descriptors it must not carry");
    }
    switch (request) {
      case GET_FEATURES -> reply(VirtioNet.OFFERED);
      case SET_FEATURES -> setFeatures(socket.u64(0));
      case SET_OWNER -> acknowledge(true);
      case RESET_OWNER -> change(this::resetOwner);
      case SET_MEM_TABLE -> setMemoryTable();
      case SET_VRING_NUM -> {
        Vring ring = ring(socket.u32(0));
        int size = socket.u32(4);
        change(() -> ring.size = size);
      }
      case SET_VRING_BASE -> {
        Vring ring = ring(socket.u32(0));
        int base = socket.u32(4) & 0xffff;
        change(() -> ring.base = base);
      }
      case SET_VRING_ADDR -> setAddresses(ring(socket.u32(0)));
      case GET_VRING_BASE -> getBase(socket.u32(0));
      case SET_VRING_KICK -> setKick();
      case SET_VRING_CALL -> setCall();
      case SET_VRING_ERR -> setError();
      case GET_PROTOCOL_FEATURES -> reply(PROTOCOL_OFFERED);
      case SET_PROTOCOL_FEATURES -> setProtocolFeatures(socket.u64(0));
      case GET_QUEUE_NUM -> reply(1);
      case SET_VRING_ENABLE -> {
        Vring ring = ring(socket.u32(0));
        boolean enabled = socket.u32(4) != 0;
        change(() -> ring.enabled = enabled);
      }
      case SET_BACKEND_REQ_FD -> setBackendRequests();
      case GET_CONFIG -> send(DeviceConfig.answer(socket, owner.identity()));
      case SET_CONFIG -> acknowledge(false);
    }
  }

  private Vring ring(int index) throws ProtocolException {
    if (index < 0 || index >= QUEUES) {
      throw new ProtocolException("virtqueue " + index + ", there are " + QUEUES);
    }
    return rings[index];
  }

  private void setFeatures(long wanted) throws ProtocolException {
    if ((wanted & ~VirtioNet.OFFERED) != 0) {
      throw new ProtocolException(
          "features were not offered: " + VirtioNet.names(wanted & ~VirtioNet.OFFERED));
    }
    change(
        () -> {
          features = wanted;
          if ((wanted & VirtioNet.PROTOCOL_FEATURES) == 0) {
            for (Vring ring : rings) {
              ring.enabled = true;
            }
          }
        });
  }

  private void setProtocolFeatures(long wanted) throws ProtocolException {
    if ((wanted & ~PROTOCOL_OFFERED) != 0) {
      throw new ProtocolException(
          "protocol features 0x" + Long.toHexString(wanted & ~PROTOCOL_OFFERED) + " not offered");
    }
    protocolFeatures = wanted;
    acknowledge(true);
  }

  private void resetOwner() {
    for (Vring ring : rings) {
      ring.stop();
      ring.enabled = false;
    }
  }

  private void setMemoryTable() throws ProtocolException {
    List<GuestMemory.Line> lines = MemoryTable.read(socket);
    change(
        () -> {
          if (memory != null) {
            memory.close();
            memory = null;
          }
          try {
            memory = new GuestMemory(lines, owner.regions(), false);
          } catch (IOException e) {
            throw new ProtocolException(e.getMessage());
          }
        });
  }

  private void setAddresses(Vring ring) throws ProtocolException {
    long descriptors = socket.u64(8);
    long used = socket.u64(16);
    long avail = socket.u64(24);
    change(
        () -> {
          ring.descriptors = descriptors;
          ring.used = used;
          ring.avail = avail;
          ring.addressesKnown = true;
        });
  }

  /** Stops the ring and says where it has got to; the answer follows when it stands still. */
  private void getBase(int index) throws ProtocolException {
    Vring ring = ring(index);
    changeAndThen(
        ring::stop,
        () -> {
          MemorySegment reply = socket.reply();
          reply.set(ValueLayout.JAVA_INT_UNALIGNED, 0, index);
          reply.set(ValueLayout.JAVA_INT_UNALIGNED, 4, ring.base);
          send(8);
        });
  }

  private void setKick() throws ProtocolException {
    Vring ring = ring((int) socket.u64(0) & VRING_INDEX);
    int fd = takeFd();
    if (fd >= 0 && !isEventFd(fd)) {
      FileDescriptors.close(fd);
      throw new ProtocolException("a kick fd must be an eventfd");
    }
    change(
        () -> {
          ring.setKick(fd);
          ring.started = true;
        });
  }

  private void setCall() throws ProtocolException {
    Vring ring = ring((int) socket.u64(0) & VRING_INDEX);
    int fd = takeFd();
    CallLine line;
    try {
      line = fd < 0 ? null : new CallLine(fd);
    } catch (IOException e) {
      throw new ProtocolException(e.getMessage());
    }
    change(() -> ring.setCall(line));
  }

  private void setError() throws ProtocolException {
    Vring ring = ring((int) socket.u64(0) & VRING_INDEX);
    ring.setError(takeFd());
    acknowledge(true);
  }

  private void setBackendRequests() throws ProtocolException {
    if (socket.fds().count() != 1) {
      throw new ProtocolException("SET_BACKEND_REQ_FD without a file descriptor");
    }
    closeBackendRequests();
    backendRequests = socket.fds().take(0);
    acknowledge(true);
  }

  private void closeBackendRequests() {
    if (backendRequests >= 0) {
      FileDescriptors.close(backendRequests);
      backendRequests = -1;
    }
  }

  /** The one fd of a message, or -1 where its flags say that there is none. */
  private int takeFd() throws ProtocolException {
    boolean none = (socket.u64(0) & VRING_NO_FD) != 0;
    int count = socket.fds().count();
    if (count != (none ? 0 : 1)) {
      throw new ProtocolException("a ring message whose flags and file descriptors disagree");
    }
    return none ? -1 : socket.fds().take(0);
  }

  private static boolean isEventFd(int fd) {
    return FileDescriptors.kind(fd) == FileDescriptors.Kind.EVENTFD;
  }

  /** A change to what queues are made of. */
  private interface Change {
    void apply() throws ProtocolException;
  }

  /** Applies a change while no queue runs, then acknowledges it. */
  private void change(Change change) {
    changeAndThen(change, () -> acknowledge(true));
  }

  private void changeAndThen(Change change, Runnable then) {
    if (!running.isStarted()) {
      apply(change, then);
      return;
    }
    waiting = true;
    owner.stopQueues(
        () -> {
          waiting = false;
          keepPositions();
          if (ended) {
            applyUnheard(change);
          } else {
            apply(change, then);
            readable();
          }
        });
  }

  /** The session ended meanwhile; what the change has brought is given back with the rest. */
  private static void applyUnheard(Change change) {
    try {
      change.apply();
    } catch (ProtocolException e) {
      // There is nobody left to tell.
    }
  }

  private void keepPositions() {
    if (running.transmit() != null) {
      rings[TRANSMIT].base = running.transmit().ring().position();
    }
    if (running.receive() != null) {
      rings[RECEIVE].base = running.receive().ring().position();
    }
    running = DeviceQueues.NONE;
  }

  private void apply(Change change, Runnable then) {
    try {
      change.apply();
      if (!startQueues(then)) {
        then.run();
      }
    } catch (ProtocolException e) {
      if ((protocolFeatures & REPLY_ACK) != 0 && socket.needsReply()) {
        acknowledge(false);
      }
      end(e.getMessage());
    }
  }

  /**
   * Starts what can be started.
   *
   * @param then run when the worker serves the queues, so that an acknowledged ring is a live one
   * @return false if there is nothing to start; {@code then} is not run
   */
  private boolean startQueues(Runnable then) throws ProtocolException {
    running =
        QueueBuilder.build(rings[RECEIVE], rings[TRANSMIT], memory, features, owner.identity());
    if (!running.isStarted()) {
      return false;
    }
    waiting = true;
    owner.startQueues(
        running,
        features,
        () -> {
          waiting = false;
          if (!ended) {
            then.run();
            readable();
          }
        });
    return true;
  }

  private void reply(long value) {
    socket.reply().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    send(8);
  }

  private void acknowledge(boolean good) {
    if ((protocolFeatures & REPLY_ACK) != 0 && socket.needsReply()) {
      reply(good ? 0 : 1);
    }
  }

  private void send(int size) {
    if (!socket.sendReply(size)) {
      end("the VMM does not take our replies");
    }
  }

  /** Ends the session and gives everything back, when no worker uses it any more. */
  public void end(String reason) {
    if (ended) {
      return;
    }
    ended = true;
    owner.sessionEnding();
    owner.stopQueues(
        () -> {
          for (Vring ring : rings) {
            ring.close();
          }
          if (memory != null) {
            memory.close();
          }
          closeBackendRequests();
          socket.close();
          owner.sessionEnded(reason);
        });
  }
}
