package dev.outboard.testkit.broken;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Doorbells;
import dev.outboard.spi.Notifier;
import java.util.Optional;

/** A plain notifier that keeps the contract, for others to break. */
class PlainNotifier implements Notifier, Doorbells {
  private static final int MOST = 64;

  final Epoll epoll;
  private final int bell;
  private final int[] tokens = new int[Epoll.CAPACITY];
  final int[] bells = new int[MOST];
  final int[] bellTokens = new int[MOST];
  int added;

  PlainNotifier() throws LinuxException {
    epoll = new Epoll();
    bell = EventFd.create();
    epoll.add(bell, Epoll.IN | Epoll.EDGE_TRIGGERED, -1);
  }

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public boolean watch(int fd, int token) {
    return watch(fd, token, Epoll.IN | Epoll.EDGE_TRIGGERED);
  }

  final boolean watch(int fd, int token, int events) {
    try {
      epoll.add(fd, events, token);
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
      // It was not watched.
    }
  }

  @Override
  public int poll() {
    return await(0);
  }

  @Override
  public int await(long nanos) {
    int count = epoll.await(nanos);
    int found = 0;
    for (int i = 0; i < count; i++) {
      if (epoll.data(i) >= 0) {
        tokens[found] = (int) epoll.data(i);
        found++;
      }
    }
    return found;
  }

  @Override
  public int token(int i) {
    return tokens[i];
  }

  @Override
  public void wake() {
    long _ = EventFd.signal(bell);
  }

  @Override
  public Optional<Doorbells> doorbells() {
    return Optional.of(this);
  }

  @Override
  public boolean add(int eventFd, int token) {
    if (added == MOST) {
      return false;
    }
    bells[added] = eventFd;
    bellTokens[added] = token;
    added++;
    return true;
  }

  @Override
  public int ring() {
    int refused = 0;
    for (int i = 0; i < added; i++) {
      if (EventFd.signal(bells[i]) < 0) {
        bellTokens[refused] = bellTokens[i];
        refused++;
      }
    }
    added = 0;
    return refused;
  }

  @Override
  public int refused(int i) {
    return bellTokens[i];
  }

  @Override
  public void close() {
    epoll.close();
    FileDescriptors.close(bell);
  }
}
