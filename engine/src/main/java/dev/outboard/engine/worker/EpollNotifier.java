package dev.outboard.engine.worker;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Notifier;

/**
 * The built-in notifier: epoll, edge-triggered, with an eventfd of its own for {@link #wake}. An
 * edge-triggered eventfd reports every write without being read, so a kick costs no system call of
 * ours but the wait.
 */
final class EpollNotifier implements Notifier {
  static final String NAME = "epoll";

  private static final int WAKE = -1;

  private final Epoll epoll;
  private final int wakeFd;
  private int[] tokens = new int[Epoll.CAPACITY];

  /** Opens the epoll instance. */
  EpollNotifier() throws LinuxException {
    epoll = new Epoll();
    wakeFd = EventFd.create();
    epoll.add(wakeFd, Epoll.IN | Epoll.EDGE_TRIGGERED, WAKE);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean watch(int fd, int token) {
    try {
      epoll.add(fd, Epoll.IN | Epoll.EDGE_TRIGGERED, token);
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  @Override
  public void unwatch(int fd) {
    try {
      epoll.remove(fd);
    } catch (LinuxException e) {
      // The fd was closed by its other owner and has left the set with that.
    }
  }

  @Override
  public int poll() {
    return collect(epoll.await(0));
  }

  @Override
  public int await(long nanos) {
    return collect(epoll.await(nanos));
  }

  private int collect(int events) {
    int count = 0;
    for (int i = 0; i < events; i++) {
      int token = (int) epoll.data(i);
      if (token != WAKE) {
        tokens[count++] = token;
      }
    }
    return count;
  }

  @Override
  public int token(int i) {
    return tokens[i];
  }

  @Override
  public void wake() {
    EventFd.signal(wakeFd);
  }

  @Override
  public void close() {
    epoll.close();
    FileDescriptors.close(wakeFd);
  }
}
