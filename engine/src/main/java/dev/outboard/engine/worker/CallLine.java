package dev.outboard.engine.worker;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The doorbell of one queue: the fd by which its VMM wants to be called. It belongs to the VMM, who
 * may have sent anything, so only kinds that can't hold a worker up are taken: an eventfd, a pipe
 * or a Unix stream socket (UML sends one end of a socketpair), all made non-blocking on arrival.
 */
public final class CallLine {
  private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);

  private final int fd;
  private final FileDescriptors.Kind kind;

  /**
   * Takes the fd over, also when it refuses it.
   *
   * @throws IOException if it is of a kind that can't be used
   */
  public CallLine(int fd) throws IOException {
    this.fd = fd;
    try {
      kind = FileDescriptors.kind(fd);
      if (kind != FileDescriptors.Kind.EVENTFD
          && kind != FileDescriptors.Kind.STREAM_SOCKET
          && kind != FileDescriptors.Kind.PIPE) {
        throw new IOException(
            "a call fd must be an eventfd, a pipe or a Unix stream socket, not " + kind);
      }
      FileDescriptors.setNonBlocking(fd);
    } catch (IOException e) {
      FileDescriptors.close(fd);
      throw e;
    }
  }

  /**
   * Rings. A full pipe or socket has been rung enough already, and one without a reader has nobody
   * to wake: UML closes its end while its driver is being unloaded. Each kind gets eight bytes, as
   * an eventfd would: UML reads no fewer.
   *
   * @return false if the VMM has made it unusable
   */
  public boolean ring() {
    long answer =
        switch (kind) {
          case EVENTFD -> EventFd.signal(fd);
          case STREAM_SOCKET -> Io.send(fd, ONE.address(), Long.BYTES);
          default -> Io.write(fd, ONE.address(), Long.BYTES);
        };
    return answer >= 0 || kind != FileDescriptors.Kind.EVENTFD;
  }

  /** Closes our copy of the fd; no worker holds the line any more. */
  public void close() {
    FileDescriptors.close(fd);
  }
}
