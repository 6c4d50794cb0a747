package dev.outboard.guest.vhost;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.Errno;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.ReceivedFds;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The lowest layer: any bytes with any descriptors, out and in, over a Unix socket. Tests that lie
 * to a backend begin here. One thread at a time; every wait has an end.
 */
public final class VhostUserChannel implements AutoCloseable {
  private static final int MOST_FDS = 64;
  private static final int LARGEST_PAYLOAD = 1 << 16;
  private static final int POLL_MILLIS = 1;

  private final int fd;
  private final Duration patience;
  private final Epoll readable;
  private boolean closed;

  /** Takes over a connected socket; {@code patience} is how long an answer may take. */
  public VhostUserChannel(int fd, Duration patience) throws IOException {
    this.fd = fd;
    this.patience = patience;
    FileDescriptors.setBlocking(fd);
    readable = new Epoll();
    readable.add(fd, Epoll.IN | Epoll.RDHUP, 0);
  }

  /** Connects to a backend that listens. Tries again while it isn't there, as long as patience. */
  public static VhostUserChannel connect(Path path, Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return new VhostUserChannel(UnixSocket.connect(path), patience);
      } catch (LinuxException e) {
        boolean absent = e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED;
        if (!absent || System.nanoTime() > end) {
          throw e;
        }
        pause();
      }
    }
  }

  /** Listens, as a VMM in the server role does, until one backend has connected. */
  public static VhostUserChannel accept(Path path, Duration patience) throws IOException {
    int listener = UnixSocket.listen(path, 0600, 1);
    try (Epoll incoming = new Epoll()) {
      incoming.add(listener, Epoll.IN, 0);
      if (!isReady(incoming, System.nanoTime() + patience.toNanos())) {
        throw new VhostUserException("no backend connected to " + path + " in " + patience);
      }
      int connected = UnixSocket.accept(listener);
      if (connected < 0) {
        throw new LinuxException("accept a connection at " + path, -connected);
      }
      return new VhostUserChannel(connected, patience);
    } finally {
      FileDescriptors.close(listener);
      Files.deleteIfExists(path);
    }
  }

  private static void pause() throws VhostUserException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VhostUserException("interrupted while connecting");
    }
  }

  /** Sends bytes just as they are, descriptors with the first of them. */
  public void sendRaw(byte[] bytes, int... fds) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int sent = 0;
      while (sent < bytes.length) {
        long result =
            UnixSocket.sendWithFds(
                fd, buffer.address() + sent, bytes.length - sent, fds, sent == 0 ? fds.length : 0);
        if (result < 0) {
          throw new LinuxException("send to the backend", (int) -result);
        }
        sent += (int) result;
      }
    }
  }

  /** Sends one well-formed message. */
  public void send(VhostUserRequest request, int flags, byte[] payload, int... fds)
      throws IOException {
    sendRaw(
        VhostUserMessage.bytes(
            request.number(), VhostUserMessage.VERSION | flags, payload.length, payload),
        fds);
  }

  /** The next message. Throws if the other end closes or takes too long. */
  public VhostUserMessage receive() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = arena.allocate(VhostUserMessage.HEADER_SIZE, Integer.BYTES);
      ReceivedFds received = new ReceivedFds(MOST_FDS);
      fill(header, received);
      int size = header.get(ValueLayout.JAVA_INT, 8);
      if (size < 0 || size > LARGEST_PAYLOAD) {
        throw new VhostUserException("the backend sent a message of " + size + " bytes");
      }
      int[] fds = new int[received.count()];
      for (int i = 0; i < fds.length; i++) {
        fds[i] = received.take(i);
      }
      MemorySegment payload = arena.allocate(Math.max(size, 1)).asSlice(0, size);
      fill(payload, null);
      return new VhostUserMessage(
          header.get(ValueLayout.JAVA_INT, 0),
          header.get(ValueLayout.JAVA_INT, 4),
          payload.toArray(ValueLayout.JAVA_BYTE),
          fds);
    }
  }

  /** Waits until then; a signal, as from an io_uring that this thread had, ends no wait. */
  private static boolean isReady(Epoll epoll, long end) {
    long left;
    do {
      left = Math.max(0, end - System.nanoTime());
      int ready = epoll.await(left);
      if (ready != 0) {
        return ready > 0;
      }
    } while (left > 0);
    return false;
  }

  /** Reads until it is full; {@code received} is null where no descriptors may come. */
  private void fill(MemorySegment into, ReceivedFds received) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    long done = 0;
    while (done < into.byteSize()) {
      if (!isReady(readable, end)) {
        throw new VhostUserException("the backend did not answer in " + patience);
      }
      long left = into.byteSize() - done;
      // Descriptors come with the first byte; to receive again would close those not yet taken.
      long result =
          received != null && done == 0
              ? UnixSocket.receiveWithFds(fd, into.address(), left, received)
              : Io.read(fd, into.address() + done, left);
      if (result == 0 || result == -Errno.ECONNRESET) {
        throw new VhostUserException("the backend closed the connection");
      }
      if (result < 0) {
        throw new LinuxException("receive from the backend", (int) -result);
      }
      done += result;
    }
  }

  /** Waits until the other end closes; what still comes is thrown away. False if it doesn't. */
  public boolean awaitClose() {
    long end = System.nanoTime() + patience.toNanos();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment waste = arena.allocate(LARGEST_PAYLOAD);
      ReceivedFds received = new ReceivedFds(MOST_FDS);
      while (isReady(readable, end)) {
        long result = UnixSocket.receiveWithFds(fd, waste.address(), waste.byteSize(), received);
        received.closeAll();
        if (result <= 0) {
          return true;
        }
      }
      return false;
    }
  }

  /** The socket. */
  public int fd() {
    return fd;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      readable.close();
      FileDescriptors.close(fd);
    }
  }
}
