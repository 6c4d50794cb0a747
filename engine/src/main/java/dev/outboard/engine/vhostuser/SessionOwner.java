package dev.outboard.engine.vhostuser;

import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.memory.GuestRegions;
import dev.outboard.engine.worker.DeviceQueues;
import dev.outboard.linux.LinuxException;

/** The guest a session belongs to, as the session needs it. The control thread. */
public interface SessionOwner {
  /** Who the guest is. */
  GuestIdentity identity();

  /** What kind of front-end it has. */
  FrontendProfile profile();

  /** How many queue pairs it may have. */
  int queuePairs();

  /** Where regions are numbered. */
  GuestRegions regions();

  /**
   * Hands queues to the guest's worker.
   *
   * @param then run on the control thread when it serves them
   */
  void startQueues(DeviceQueues queues, long features, Runnable then);

  /**
   * Has the guest's worker stop its queues.
   *
   * @param then run on the control thread when no worker uses them, their memory or fds any more
   */
  void stopQueues(Runnable then);

  /** Has the handler called on the control thread whenever the eventfd was written. */
  void watchKick(int fd, Runnable handler) throws LinuxException;

  /** Ends {@link #watchKick}. */
  void unwatchKick(int fd);

  /** Runs a task on the control thread, after what others want of it. */
  void later(Runnable task);

  /** Something a user would want to know. */
  void note(String text);

  /** The session takes no more messages: its socket is not to be watched any more. */
  void sessionEnding();

  /** The session has ended and given everything back. */
  void sessionEnded(String reason);
}
