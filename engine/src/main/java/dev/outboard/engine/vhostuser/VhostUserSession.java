package dev.outboard.engine.vhostuser;

import dev.outboard.engine.handover.SessionState;
import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.CommandQueue;
import dev.outboard.engine.virtqueue.VirtioNet;
import dev.outboard.engine.worker.DeviceQueues;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One VMM's connection, from its first message to its end. The control thread alone.
 *
 * <p>Theory of operation. What the front-end says is kept in a {@link Device}; the worker gets
 * finished queues. A message that changes anything about running queues stops them first, waits
 * until no worker touches them (no further message is read meanwhile), applies the change, and
 * starts what can be started. That is slow and simple; such messages come a few times in a guest's
 * life. Positions survive: a stopped queue has completed and published everything it took.
 */
public final class VhostUserSession {
  private static final int MOST_MESSAGES = 32;

  private final SessionOwner owner;
  private final MessageSocket socket;
  private final Device device;
  private DeviceQueues running = DeviceQueues.NONE;
  private ControlQueue control;
  private int controlKick = -1;

  /** Queues are being stopped or started; no message is read until they are. */
  private boolean waiting;

  private boolean ended;

  /** The session is being handed over: it stands still, until it is resumed or the process ends. */
  private boolean frozen;

  /** Whether the driver was started in this session once. */
  private boolean announced;

  /** Takes the connected socket over. */
  public VhostUserSession(int fd, SessionOwner owner) {
    this.owner = owner;
    socket = new MessageSocket(fd);
    device =
        new Device(
            owner.identity(),
            owner.profile(),
            owner.queuePairs(),
            GuestMemory.empty(owner.regions(), false));
  }

  /**
   * Goes on with a session of another process; {@link #resume} comes when all is there.
   *
   * @throws IOException in one line why it can't be gone on with
   */
  public static VhostUserSession adopt(SessionState state, SessionOwner owner) throws IOException {
    VhostUserSession session = new VhostUserSession(state.socket(), owner);
    session.frozen = true;
    session.announced = true;
    session.socket.restore(state.unread(), state.unreadFiles());
    try {
      session.device.restore(state, owner.regions());
    } catch (ProtocolException e) {
      throw new IOException(e.getMessage(), e);
    }
    return session;
  }

  /**
   * Takes no more messages and stops the queues.
   *
   * @param then run when no worker uses the queues and {@link #state} may be asked for
   * @return false if a change, or the session's end, has to come to its end first: come again
   */
  public boolean freeze(Runnable then) {
    frozen = true;
    if (waiting || ended) {
      return false;
    }
    stopControl();
    owner.stopQueues(
        () -> {
          keepPositions();
          then.run();
        });
    return true;
  }

  /** All that the next process must know; while frozen. The file descriptors stay ours. */
  public SessionState state() {
    return device.state(socket);
  }

  /** Goes on after {@link #freeze} or {@link #adopt}. */
  public void resume() {
    frozen = false;
    try {
      if (!start(() -> {})) {
        serveControl();
        readable();
      }
    } catch (ProtocolException e) {
      end(e.getMessage());
    }
  }

  /**
   * Serves what has come, but not without end; whenever the socket is readable. A VMM that sends
   * faster than we read has its turn again after the others.
   */
  public void readable() {
    try {
      for (int turn = 0; turn < MOST_MESSAGES && !waiting && !ended && !frozen; turn++) {
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
      case GET_FEATURES -> reply(device.offeredFeatures());
      case SET_FEATURES -> change(() -> device.setFeatures(socket.u64(0)));
      case SET_OWNER -> acknowledge(true);
      case RESET_OWNER -> change(device::stopRings);
      case RESET_DEVICE -> change(device::reset);
      case SET_MEM_TABLE -> change(() -> MemoryRequests.setTable(socket, device, owner.regions()));
      case GET_MAX_MEM_SLOTS -> reply(GuestMemory.MAX_REGIONS);
      case ADD_MEM_REG -> change(() -> MemoryRequests.add(socket, device));
      case REM_MEM_REG -> change(() -> MemoryRequests.remove(socket, device));
      case SET_VRING_NUM,
          SET_VRING_BASE,
          SET_VRING_ADDR,
          SET_VRING_KICK,
          SET_VRING_CALL,
          SET_VRING_ERR,
          SET_VRING_ENABLE ->
          change(() -> RingRequests.apply(request, socket, device));
      case GET_VRING_BASE -> getBase(socket.u32(0));
      case GET_PROTOCOL_FEATURES -> reply(device.profile.protocolFeatures());
      case SET_PROTOCOL_FEATURES -> setProtocolFeatures(socket.u64(0));
      case GET_QUEUE_NUM -> reply(device.profile.queueNumber(device.pairs));
      case NET_SET_MTU -> setMtu(socket.u64(0));
      case SET_BACKEND_REQ_FD -> setBackend();
      case GET_CONFIG -> send(DeviceConfig.answer(socket, device));
      case SET_CONFIG -> acknowledge(false);
      case GET_INFLIGHT_FD -> getInflight();
      case SET_INFLIGHT_FD -> change(() -> device.setInflight(InflightFile.accept(socket, device)));
      case SET_STATUS -> setStatus(socket.u64(0));
      case GET_STATUS -> reply(device.status);
    }
  }

  private void setProtocolFeatures(long wanted) throws ProtocolException {
    long unknown = wanted & ~device.profile.protocolFeatures();
    if (unknown != 0) {
      throw new ProtocolException(
          "protocol features 0x" + Long.toHexString(unknown) + " not offered");
    }
    device.protocolFeatures = wanted;
    acknowledge(true);
  }

  /** Stops the ring and says where it has got to; the answer follows when it stands still. */
  private void getBase(int index) throws ProtocolException {
    Vring ring = device.ring(index);
    changeAndThen(
        ring::stop,
        () -> {
          MemorySegment reply = socket.reply();
          reply.set(ValueLayout.JAVA_INT_UNALIGNED, 0, index);
          reply.set(ValueLayout.JAVA_INT_UNALIGNED, 4, ring.base);
          send(8);
        });
  }

  /**
   * The VMM says what MTU its driver sees; a wrong one would lose large frames, so it is refused.
   */
  private void setMtu(long mtu) throws ProtocolException {
    int right = device.identity.mtu();
    if (mtu == right) {
      acknowledge(true);
      return;
    }
    String text =
        "the VMM shows its guest an MTU of %s, the network has %d: give the VMM host_mtu=%d"
            .formatted(Long.toUnsignedString(mtu), right, right);
    if (!mayAcknowledge()) {
      throw new ProtocolException(text);
    }
    owner.note(text);
    acknowledge(false);
  }

  private void setBackend() throws ProtocolException {
    if (socket.fds().count() != 1) {
      throw new ProtocolException("SET_BACKEND_REQ_FD without a file descriptor");
    }
    device.setBackend(new BackendChannel(socket.fds().take(0)));
    acknowledge(true);
  }

  /** What is in flight in packed rings is written down nowhere: a file of no size says so. */
  private void getInflight() throws ProtocolException {
    if (device.has(VirtioNet.RING_PACKED)) {
      socket.reply().asSlice(0, socket.size()).fill((byte) 0);
      send(socket.size());
      return;
    }
    int fd = InflightFile.create(socket, device.rings.length);
    try {
      send(socket.size(), fd);
    } finally {
      FileDescriptors.close(fd);
    }
  }

  private void setStatus(long status) {
    if (status == 0) {
      change(device::stopRings);
    } else {
      acknowledge(true);
    }
    device.status = status;
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
    stopControl();
    if (!running.isStarted()) {
      keepPositions();
      apply(change, then);
      return;
    }
    waiting = true;
    owner.stopQueues(
        () -> {
          waiting = false;
          keepPositions();
          if (!ended) {
            apply(change, then);
            readable();
          }
        });
  }

  private void keepPositions() {
    for (Vring ring : device.rings) {
      ring.keepPosition();
    }
    running = DeviceQueues.NONE;
  }

  private void apply(Change change, Runnable then) {
    try {
      change.apply();
      if (!start(then)) {
        then.run();
      }
    } catch (ProtocolException e) {
      acknowledge(false);
      end(e.getMessage());
    } catch (InternalError e) {
      memoryFailed();
    }
  }

  /** HotSpot's word for SIGBUS: rings or in-flight file have been taken away. */
  public void memoryFailed() {
    end("its memory can't be accessed");
  }

  /**
   * Starts what can be started.
   *
   * @param then run when the worker serves the queues, so that an acknowledged ring is a live one
   * @return false if there is nothing to start for a worker; {@code then} is not run
   */
  private boolean start(Runnable then) throws ProtocolException {
    running = QueueBuilder.build(device);
    startControl();
    if (!running.isStarted()) {
      return false;
    }
    waiting = true;
    owner.startQueues(
        running,
        device.features,
        () -> {
          waiting = false;
          if (!ended) {
            then.run();
            announceOnce();
            serveControl();
            readable();
          }
        });
    return true;
  }

  private void announceOnce() {
    if (!announced && running.isComplete()) {
      announced = true;
      device.announceIfResumed();
    }
  }

  private void startControl() throws ProtocolException {
    CommandQueue queue = QueueBuilder.buildControl(device);
    if (queue == null) {
      return;
    }
    Vring ring = device.rings[device.controlRing()];
    control = new ControlQueue(queue, ring.call, device);
    try {
      owner.watchKick(ring.kick, this::serveControl);
      controlKick = ring.kick;
    } catch (LinuxException e) {
      throw new ProtocolException("the control queue's kick fd can't be waited for");
    }
    owner.later(this::serveControl);
  }

  private void stopControl() {
    control = null;
    if (controlKick >= 0) {
      owner.unwatchKick(controlKick);
      controlKick = -1;
    }
  }

  private void serveControl() {
    if (waiting || ended || frozen || control == null) {
      return;
    }
    try {
      boolean more = control.serve();
      int pairs = control.takeWantedPairs();
      if (pairs > 0) {
        changeAndThen(() -> device.chosenPairs = pairs, () -> {});
      } else if (more) {
        owner.later(this::serveControl);
      }
    } catch (ProtocolException e) {
      end(e.getMessage());
    } catch (InternalError e) {
      memoryFailed();
    }
  }

  private void reply(long value) {
    socket.reply().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    send(8);
  }

  private boolean mayAcknowledge() {
    return device.hasProtocol(ProtocolFeatures.REPLY_ACK) && socket.needsReply();
  }

  private void acknowledge(boolean good) {
    if (mayAcknowledge()) {
      reply(good ? 0 : 1);
    }
  }

  private void send(int size, int... fds) {
    if (!socket.sendReply(size, fds)) {
      end("the VMM does not take our replies");
    }
  }

  /** Ends the session and gives everything back, when no worker uses it any more. */
  public void end(String reason) {
    if (ended) {
      return;
    }
    ended = true;
    stopControl();
    owner.sessionEnding();
    owner.stopQueues(
        () -> {
          device.close();
          socket.close();
          owner.sessionEnded(reason);
        });
  }
}
