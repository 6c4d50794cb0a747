package dev.outboard.testkit.broken;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Notifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Notifiers that break one rule each, by its id. */
final class NotifierFaults {
  /** What {@link #leaking} has left; closed by the test. */
  static final List<PlainNotifier> LEFT = new ArrayList<>();

  /** Makes a broken notifier. */
  interface Maker {
    Notifier make() throws LinuxException;
  }

  /** So that the compiler can't leave an allocation out. */
  static volatile byte[] sink;

  private NotifierFaults() {}

  static Map<String, Maker> all() {
    Map<String, Maker> all = new HashMap<>();
    watching(all);
    waiting(all);
    ringing(all);
    return all;
  }

  private static void watching(Map<String, Maker> all) {
    all.put(
        "notifier-1",
        () ->
            new PlainNotifier() {
              @Override
              public String name() {
                return "other";
              }
            });
    all.put(
        "notifier-2",
        () ->
            new PlainNotifier() {
              @Override
              public boolean watch(int fd, int token) {
                EventFd.drain(fd);
                return super.watch(fd, token);
              }
            });
    all.put("notifier-3", () -> watchingFor(Epoll.IN));
    all.put(
        "notifier-5",
        () ->
            new PlainNotifier() {
              @Override
              public void unwatch(int fd) {}
            });
    all.put(
        "notifier-6",
        () ->
            new PlainNotifier() {
              private final Map<Integer, Integer> first = new HashMap<>();

              @Override
              public boolean watch(int fd, int token) {
                return super.watch(fd, first.computeIfAbsent(fd, _ -> token));
              }
            });
    all.put(
        "notifier-7",
        () ->
            new PlainNotifier() {
              @Override
              public boolean watch(int fd, int token) {
                return super.watch(fd, token) || fd > 0;
              }
            });
    all.put(
        "notifier-8",
        () ->
            new PlainNotifier() {
              @Override
              public void unwatch(int fd) {
                if (fd < 0) {
                  throw new IllegalArgumentException("no descriptor: " + fd);
                }
                super.unwatch(fd);
              }
            });
    all.put(
        "notifier-12",
        () ->
            new PlainNotifier() {
              @Override
              public boolean watch(int fd, int token) {
                return super.watch(fd, token & 0xff);
              }
            });
    all.put("notifier-13", () -> watchingFor(Epoll.IN | Epoll.EDGE_TRIGGERED | Epoll.ONE_SHOT));
    all.put("notifier-14", NotifierFaults::keeping);
    all.put(
        "notifier-15",
        () ->
            new PlainNotifier() {
              @Override
              public boolean watch(int fd, int token) {
                return !isEpoll(fd) && super.watch(fd, token);
              }
            });
  }

  private static PlainNotifier watchingFor(int events) throws LinuxException {
    return new PlainNotifier() {
      @Override
      public boolean watch(int fd, int token) {
        return watch(fd, token, events);
      }
    };
  }

  private static boolean isEpoll(int fd) {
    try {
      Path link = Path.of("/proc/self/fd", Integer.toString(fd));
      return Files.readSymbolicLink(link).toString().contains("eventpoll");
    } catch (IOException e) {
      return false;
    }
  }

  /** Has a descriptor of its own for what it watches, and forgets it. */
  private static PlainNotifier keeping() throws LinuxException {
    return new PlainNotifier() {
      private int kept = -1;

      @Override
      public boolean watch(int fd, int token) {
        try {
          kept = FileDescriptors.duplicate(fd);
        } catch (LinuxException e) {
          return false;
        }
        return super.watch(kept, token);
      }

      @Override
      public void close() {
        super.close();
        FileDescriptors.close(kept);
      }
    };
  }

  private static void waiting(Map<String, Maker> all) {
    all.put(
        "notifier-4",
        () ->
            new PlainNotifier() {
              @Override
              public int poll() {
                return 0;
              }
            });
    all.put(
        "notifier-9",
        () ->
            new PlainNotifier() {
              @Override
              public int await(long nanos) {
                return Math.max(1, super.await(nanos));
              }
            });
    all.put(
        "notifier-10",
        () ->
            new PlainNotifier() {
              @Override
              public int await(long nanos) {
                int _ = super.await(nanos);
                return 0;
              }
            });
    all.put(
        "notifier-11",
        () ->
            new PlainNotifier() {
              @Override
              public void wake() {}
            });
    all.put(
        "notifier-16",
        () ->
            new PlainNotifier() {
              @Override
              public int poll() {
                sink = new byte[8];
                return super.poll();
              }
            });
    all.put("notifier-17", NotifierFaults::leaking);
  }

  private static PlainNotifier leaking() throws LinuxException {
    return new PlainNotifier() {
      private boolean closed;

      @Override
      public void close() {
        if (closed) {
          super.close();
        } else {
          closed = true;
          LEFT.add(this);
        }
      }
    };
  }

  private static void ringing(Map<String, Maker> all) {
    all.put(
        "doorbell-1",
        () ->
            new PlainNotifier() {
              @Override
              public int ring() {
                int before = added;
                int refused = super.ring();
                added = before;
                return refused;
              }
            });
    all.put(
        "doorbell-2",
        () ->
            new PlainNotifier() {
              @Override
              public int ring() {
                int _ = super.ring();
                return 0;
              }
            });
    all.put(
        "doorbell-3",
        () ->
            new PlainNotifier() {
              @Override
              public boolean add(int eventFd, int token) {
                boolean _ = super.add(eventFd, token);
                return true;
              }
            });
  }
}
