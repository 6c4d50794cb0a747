package dev.outboard.transport.iouring;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Notifier;
import dev.outboard.transport.iouring.notifier.IoUringNotifierProvider;

/** How a worker waits for its port: as with each of the sidecar's notifiers. */
interface Waiting extends AutoCloseable {
  /** The kinds there are. */
  enum Kind {
    EPOLL {
      @Override
      Waiting open() throws Exception {
        return new InEpoll(new Epoll());
      }
    },
    IOURING {
      @Override
      Waiting open() throws Exception {
        return new InNotifier(new IoUringNotifierProvider().open());
      }
    };

    abstract Waiting open() throws Exception;
  }

  void watch(int fd);

  void unwatch(int fd);

  void await(long nanos);

  @Override
  void close();

  /** As the engine's own notifier does it. */
  record InEpoll(Epoll epoll) implements Waiting {
    @Override
    public void watch(int fd) {
      try {
        epoll.add(fd, Epoll.IN | Epoll.EDGE_TRIGGERED, fd);
      } catch (LinuxException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void unwatch(int fd) {
      try {
        epoll.remove(fd);
      } catch (LinuxException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void await(long nanos) {
      int _ = epoll.await(nanos);
    }

    @Override
    public void close() {
      epoll.close();
    }
  }

  /** By the notifier of this module. */
  record InNotifier(Notifier notifier) implements Waiting {
    @Override
    public void watch(int fd) {
      if (!notifier.watch(fd, fd)) {
        throw new AssertionError("not watched");
      }
    }

    @Override
    public void unwatch(int fd) {
      notifier.unwatch(fd);
    }

    @Override
    public void await(long nanos) {
      int _ = notifier.await(nanos);
    }

    @Override
    public void close() {
      notifier.close();
    }
  }
}
