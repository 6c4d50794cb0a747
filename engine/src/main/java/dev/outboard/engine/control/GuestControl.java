package dev.outboard.engine.control;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.handover.GuestState;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.engine.vhostuser.FrontendProfile;
import dev.outboard.engine.vhostuser.SessionOwner;
import dev.outboard.engine.vhostuser.VhostUserSession;
import dev.outboard.engine.worker.DeviceQueues;
import dev.outboard.engine.worker.GuestDevice;
import dev.outboard.engine.worker.GuestShare;
import dev.outboard.engine.worker.Way;
import dev.outboard.engine.worker.Worker;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.PeerCredentials;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One attached guest on the control side: its socket, its session if there is one, its state as
 * users see it. The control thread, except where said.
 */
public final class GuestControl implements SessionOwner, GuestDevice.Events {
  private static final long RECONNECT_NANOS = 200_000_000L;
  private static final int ANY_BUT_OWNER = 077;
  private static final String KICK_UNUSABLE = "its kick fd can't be waited for";

  private final ControlThread control;
  private final WorkerPool workers;
  private final GuestPlan plan;
  private final GuestRegions regions;
  private final long ownUid;
  private GuestDevice device;
  private ServingWorkers serving;

  private int listener = -1;
  private int sessionFd = -1;
  private VhostUserSession session;
  private boolean leaving;

  /** It is being handed over to another process, or by one: nothing begins and nothing ends. */
  private boolean frozen;

  private Runnable afterSession;

  private volatile boolean connected;
  private volatile boolean running;
  private volatile long features;
  private volatile String note = "";

  /** A guest that is not reachable yet. */
  public GuestControl(
      ControlThread control, WorkerPool workers, GuestPlan plan, GuestRegions regions) {
    this.control = control;
    this.workers = workers;
    this.plan = plan;
    this.regions = regions;
    ownUid = ownUid();
  }

  private static long ownUid() {
    try {
      return (int) Files.getAttribute(java.nio.file.Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      return 0;
    }
  }

  /** Gives it the device that the workers see; before anything else. */
  public void setDevice(GuestDevice guestDevice) {
    device = guestDevice;
  }

  /** The device that the workers see. */
  public GuestDevice device() {
    return device;
  }

  /** The workers that serve it, or will when {@link #move} is finished. */
  public List<Worker> workers() {
    return serving.workers();
  }

  /** Has workers serve it from now on; before anything else. */
  public void start(List<Worker> first) {
    serving = new ServingWorkers(control, device, first);
  }

  /** Whether {@link #move} is not finished. */
  public boolean isMoving() {
    return serving.isMoving();
  }

  /**
   * Has other workers serve it, while it runs.
   *
   * @param to no more than it has queue pairs
   * @param then run when that is so
   */
  public void move(List<Worker> to, Runnable then) {
    serving.move(to, () -> broken(KICK_UNUSABLE), then);
  }

  /**
   * Has its first worker, which has its ports, do something for it between bursts.
   *
   * @param then run when that is done
   */
  public void between(BiConsumer<Worker, GuestShare> task, Runnable then) {
    serving.first(task, then);
  }

  /**
   * Has its frames take another way, those of each of its workers from between two bursts on.
   *
   * @param then run when that is so
   */
  public void setWay(Way way, Runnable then) {
    serving.setWay(way, then);
  }

  /** Opens the socket. */
  public void open() throws LinuxException {
    if (plan.listen()) {
      listener = UnixSocket.listen(plan.socket(), plan.mode(), 4);
      control.watch(listener, this::accept);
    } else {
      connect();
    }
  }

  /**
   * Stands still, for another process to take it over.
   *
   * @param then run when no worker uses its queues
   */
  public void freeze(Runnable then) {
    frozen = true;
    device.expectReturn();
    if (listener >= 0) {
      control.unwatch(listener);
    }
    if (session == null) {
      control.execute(then);
    } else if (session.freeze(then)) {
      control.unwatch(sessionFd);
    } else {
      control.execute(() -> freeze(then));
    }
  }

  /**
   * What another process must know of its socket and session; while it stands still. The
   * descriptors stay ours.
   */
  public GuestState state() {
    return new GuestState(
        plan.identity().id(),
        plan.socket().toString(),
        listener,
        session == null ? null : session.state(),
        null);
  }

  /**
   * Takes it over from another process, in place of {@link #open}; it stands still until {@link
   * #resume}. The descriptors are ours from now on.
   *
   * @throws IOException if it is not the same guest any more
   */
  public void adopt(GuestState state) throws IOException {
    frozen = true;
    device.expectReturn();
    if (!state.path().equals(plan.socket().toString()) || plan.listen() != state.listener() >= 0) {
      throw new IOException("its socket is at " + state.path() + " now, or the roles have changed");
    }
    listener = state.listener();
    if (state.session() != null) {
      session = VhostUserSession.adopt(state.session(), this);
      sessionFd = state.session().socket();
      connected = true;
    }
  }

  /** Goes on after {@link #freeze} or {@link #adopt}. */
  public void resume() {
    frozen = false;
    try {
      if (listener >= 0) {
        control.watch(listener, this::accept);
      }
      if (session != null) {
        control.watch(sessionFd, session::readable);
        session.resume();
      } else if (!plan.listen()) {
        connect();
      }
    } catch (LinuxException e) {
      note(e.getMessage());
    }
  }

  private void accept() {
    int fd = UnixSocket.accept(listener);
    if (fd < 0) {
      return;
    }
    try {
      PeerCredentials peer = UnixSocket.peerCredentials(fd);
      boolean othersAllowed = (plan.mode() & ANY_BUT_OWNER) != 0;
      if (!othersAllowed && peer.uid() != ownUid && peer.uid() != 0) {
        FileDescriptors.close(fd);
        note("a connection of user " + peer.uid() + " was refused");
      } else if (session != null) {
        FileDescriptors.close(fd);
        note("a second connection was refused (process " + peer.pid() + ")");
      } else {
        startSession(fd);
      }
    } catch (LinuxException e) {
      FileDescriptors.close(fd);
      note(e.getMessage());
    }
  }

  /** A VMM that listens but does not accept could hold the call up, so another thread makes it. */
  private void connect() {
    if (leaving || frozen) {
      return;
    }
    Thread.ofVirtual()
        .start(
            () -> {
              int fd;
              try {
                fd = UnixSocket.connect(plan.socket());
                FileDescriptors.setNonBlocking(fd);
              } catch (LinuxException e) {
                fd = -1;
              }
              int connection = fd;
              control.execute(() -> connectionMade(connection));
            });
  }

  private void connectionMade(int fd) {
    if (leaving || frozen) {
      if (fd >= 0) {
        FileDescriptors.close(fd);
      }
      return;
    }
    try {
      if (fd >= 0) {
        startSession(fd);
        return;
      }
    } catch (LinuxException e) {
      FileDescriptors.close(fd);
      note(e.getMessage());
    }
    control.schedule(RECONNECT_NANOS, this::connect);
  }

  private void startSession(int fd) throws LinuxException {
    VhostUserSession started = new VhostUserSession(fd, this);
    control.watch(fd, guarded(started::readable));
    session = started;
    sessionFd = fd;
    connected = true;
    note = "";
  }

  @Override
  public GuestIdentity identity() {
    return plan.identity();
  }

  @Override
  public FrontendProfile profile() {
    return plan.profile();
  }

  @Override
  public int queuePairs() {
    return plan.queuePairs();
  }

  @Override
  public void watchKick(int fd, Runnable handler) throws LinuxException {
    control.watchEdges(fd, guarded(handler));
  }

  @Override
  public void unwatchKick(int fd) {
    control.unwatch(fd);
  }

  @Override
  public void later(Runnable task) {
    control.execute(guarded(task));
  }

  @Override
  public GuestRegions regions() {
    return regions;
  }

  @Override
  public void startQueues(DeviceQueues queues, long negotiated, Runnable then) {
    features = negotiated;
    boolean complete = queues.isComplete();
    serving.startQueues(
        queues, () -> broken(KICK_UNUSABLE), guarded(() -> started(complete, then)));
  }

  /** What may touch memory of the guest: if that has gone, only its own session goes too. */
  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (InternalError e) {
        if (session != null) {
          session.memoryFailed();
        }
      }
    };
  }

  private void started(boolean complete, Runnable then) {
    if (complete && session != null) {
      running = true;
    }
    then.run();
  }

  /** First nobody finds the queues any more, then nobody who had found them is left. */
  @Override
  public void stopQueues(Runnable then) {
    running = false;
    serving.stopQueues(() -> workers.quiesce(guarded(then)));
  }

  @Override
  public void sessionEnding() {
    control.unwatch(sessionFd);
  }

  @Override
  public void sessionEnded(String reason) {
    session = null;
    sessionFd = -1;
    connected = false;
    running = false;
    features = 0;
    note = reason;
    if (afterSession != null) {
      afterSession.run();
    } else if (!plan.listen()) {
      control.schedule(RECONNECT_NANOS, this::connect);
    }
  }

  /** Any thread. */
  @Override
  public void broken(String reason) {
    control.execute(
        () -> {
          if (frozen) {
            control.schedule(RECONNECT_NANOS, () -> broken(reason));
          } else if (session != null) {
            session.end(reason);
          }
        });
  }

  /** Any thread. */
  @Override
  public void note(String text) {
    note = text;
  }

  /**
   * Ends everything.
   *
   * @param then run when no worker knows the guest any more
   */
  public void close(Runnable then) {
    leaving = true;
    if (listener >= 0) {
      control.unwatch(listener);
      FileDescriptors.close(listener);
      listener = -1;
      try {
        Files.deleteIfExists(plan.socket());
      } catch (IOException e) {
        note("its socket can't be removed: " + e.getMessage());
      }
    }
    Runnable release =
        () -> {
          stopQueues(then);
          serving.release();
        };
    if (session != null) {
      afterSession = release;
      session.end("the guest was detached");
    } else {
      release.run();
    }
  }

  /** Whether its VMM is connected. Any thread. */
  public boolean isConnected() {
    return connected;
  }

  /** Whether its driver has started both queues. Any thread. */
  public boolean isRunning() {
    return running;
  }

  /** The features its driver has agreed to. Any thread. */
  public long features() {
    return features;
  }

  /** The last thing worth telling a user. Any thread. */
  public String note() {
    return note;
  }
}
