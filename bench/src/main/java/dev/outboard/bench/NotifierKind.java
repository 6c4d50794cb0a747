package dev.outboard.bench;

import dev.outboard.engine.Engine;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Doorbells;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.transport.iouring.notifier.IoUringNotifierProvider;
import java.io.IOException;
import java.util.Optional;

/** The ways to wait and call that are compared. Any thread. */
enum NotifierKind {
  IOURING("iouring", 0, true),
  IOURING_SINGLE_CALLS("iouring, single calls", 0, false),
  EPOLL_50("epoll, busy: each 50 us", 50_000, true),
  EPOLL_5("epoll, busy: each 5 us", 5_000, true);

  private final String label;
  private final long busyPollNanos;
  private final boolean together;

  NotifierKind(String label, long busyPollNanos, boolean together) {
    this.label = label;
    this.busyPollNanos = busyPollNanos;
    this.together = together;
  }

  String label() {
    return label;
  }

  private NotifierProvider plain() {
    return switch (this) {
      case IOURING, IOURING_SINGLE_CALLS -> new IoUringNotifierProvider();
      case EPOLL_50, EPOLL_5 -> Engine.epoll();
    };
  }

  /** What opens them, changed as the kind says. */
  NotifierProvider provider() {
    NotifierProvider provider = plain();
    return new NotifierProvider() {
      @Override
      public String name() {
        return provider.name();
      }

      @Override
      public Availability probe() {
        return provider.probe();
      }

      @Override
      public Notifier open() throws IOException {
        return new Adjusted(provider.open(), busyPollNanos, together);
      }
    };
  }

  private record Adjusted(Notifier notifier, long busyPollNanos, boolean together)
      implements Notifier {
    @Override
    public String name() {
      return notifier.name();
    }

    @Override
    public boolean watch(int fd, int token) {
      return notifier.watch(fd, token);
    }

    @Override
    public void unwatch(int fd) {
      notifier.unwatch(fd);
    }

    @Override
    public int poll() {
      return notifier.poll();
    }

    @Override
    public int await(long nanos) {
      return notifier.await(nanos);
    }

    @Override
    public int token(int i) {
      return notifier.token(i);
    }

    @Override
    public void wake() {
      notifier.wake();
    }

    @Override
    public Optional<Doorbells> doorbells() {
      return together ? notifier.doorbells() : Optional.empty();
    }

    @Override
    public void close() {
      notifier.close();
    }
  }
}
