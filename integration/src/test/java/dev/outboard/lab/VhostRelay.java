package dev.outboard.lab;

import dev.outboard.linux.Errno;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.ReceivedFds;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Stands between a vhost-user frontend and its backend and hides features from the frontend. UML
 * negotiates all that is offered, packed rings and a control queue that a backend would have to
 * serve among it, so it can use DPDK's backend, our peer in measurements, only through this. Rings
 * and doorbells pass it by: it costs nothing once a guest is up. It also keeps a record of what it
 * has seen.
 */
public final class VhostRelay implements AutoCloseable {
  /** What UML must not be offered by a backend that serves neither config space nor controls. */
  public static final long UML = (1L << 3) | (0x7fL << 17) | (1L << 34);

  private static final int HEADER = 12;
  private static final int GET_FEATURES = 1;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Path path;
  private final Path backend;
  private final long hidden;
  private final FrontendRecord seen;
  private final int listener;
  private final Thread thread;
  private volatile boolean closed;

  /** Listens at the path, and relays one connection after another to the backend. */
  public VhostRelay(Path path, Path backend, long hidden) {
    this(path, backend, hidden, new FrontendRecord());
  }

  /** As before; the record may be that of several relays. */
  public VhostRelay(Path path, Path backend, long hidden, FrontendRecord seen) {
    this.path = path;
    this.backend = backend;
    this.hidden = hidden;
    this.seen = seen;
    try {
      listener = UnixSocket.listen(path, 0600, 4);
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
    thread = Thread.ofPlatform().daemon().name("relay").start(this::serve);
  }

  /** Where it listens for frontends. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
      Files.deleteIfExists(path);
    } catch (InterruptedException e) {
      throw Processes.interrupted(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve() {
    ReceivedFds fds = new ReceivedFds(32);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(64 << 10);
      while (!closed) {
        int frontend = UnixSocket.accept(listener);
        if (frontend < 0) {
          Thread.sleep(5);
          continue;
        }
        int behind = UnixSocket.connect(backend);
        FileDescriptors.setNonBlocking(behind);
        boolean open = true;
        while (open && !closed) {
          int requests = pass(frontend, behind, message, fds, true);
          int replies = pass(behind, frontend, message, fds, false);
          open = requests >= 0 && replies >= 0;
          if (requests + replies == 0) {
            Thread.sleep(2);
          }
        }
        FileDescriptors.close(frontend);
        FileDescriptors.close(behind);
      }
    } catch (InterruptedException | LinuxException e) {
      throw new IllegalStateException(e);
    } finally {
      fds.closeAll();
      FileDescriptors.close(listener);
    }
  }

  /** Passes a message on if there is one: 1, 0 if there was none, -1 at the end. */
  private int pass(int from, int to, MemorySegment message, ReceivedFds fds, boolean isRequest)
      throws InterruptedException {
    long address = message.address();
    long length = UnixSocket.receiveWithFds(from, address, HEADER, fds);
    if (length == -Errno.EAGAIN) {
      return 0;
    }
    if (length != HEADER) {
      return -1;
    }
    int[] descriptors = new int[fds.count()];
    for (int i = 0; i < descriptors.length; i++) {
      descriptors[i] = fds.peek(i);
    }
    long end = HEADER + Integer.toUnsignedLong(message.get(INT, 8));
    ReceivedFds none = new ReceivedFds(1);
    while (length < end) {
      long more = UnixSocket.receiveWithFds(from, address + length, end - length, none);
      if (more == -Errno.EAGAIN) {
        Thread.sleep(1);
      } else if (more <= 0) {
        return -1;
      } else {
        length += more;
      }
    }
    int code = message.get(INT, 0);
    if (!isRequest && code == GET_FEATURES) {
      message.set(LONG, HEADER, message.get(LONG, HEADER) & ~hidden);
    }
    long word = length >= HEADER + Long.BYTES ? message.get(LONG, HEADER) : 0;
    if (isRequest) {
      seen.request(code, word);
    } else {
      seen.reply(code, word);
    }
    long sent = UnixSocket.sendWithFds(to, address, end, descriptors, descriptors.length);
    return sent == end ? 1 : -1;
  }
}
