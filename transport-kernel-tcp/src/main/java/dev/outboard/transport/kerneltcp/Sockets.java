package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.LinuxException;
import java.util.Arrays;

/**
 * The sockets of a port, which its worker watches by one descriptor, and who is told of each one's
 * events. The worker's; adding and removing is cold.
 */
final class Sockets implements AutoCloseable {
  private static final int EVENTS = Epoll.IN | Epoll.OUT | Epoll.RDHUP | Epoll.EDGE_TRIGGERED;

  /** Who has a socket. */
  interface Owner {
    /** Something happened, as {@link Epoll} has it; hot. */
    void ready(int events);
  }

  private final Epoll epoll;
  private Owner[] owners = new Owner[64];
  private int free;

  Sockets() throws LinuxException {
    epoll = new Epoll();
  }

  /** What becomes readable when something happens. */
  int fd() {
    return epoll.fd();
  }

  /** Watches a socket; returns its number. */
  int add(int fd, Owner owner) throws LinuxException {
    while (free < owners.length && owners[free] != null) {
      free++;
    }
    if (free == owners.length) {
      owners = Arrays.copyOf(owners, free * 2);
    }
    epoll.add(fd, EVENTS, free);
    owners[free] = owner;
    return free;
  }

  /** Ends that; before the socket is closed. */
  void remove(int fd, int number) {
    owners[number] = null;
    free = Math.min(free, number);
    try {
      epoll.remove(fd);
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Tells owners what has happened. Hot. An event may come late, for who has the number now. */
  void poll() {
    int count;
    do {
      count = epoll.await(0);
      for (int i = 0; i < count; i++) {
        Owner owner = owners[(int) epoll.data(i)];
        if (owner != null) {
          owner.ready(epoll.events(i));
        }
      }
    } while (count == Epoll.CAPACITY);
  }

  @Override
  public void close() {
    epoll.close();
  }
}
