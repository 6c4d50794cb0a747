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
 * or a Unix stream socket (UML sends one end of a socketpair). Sockets have a call that never
 * waits; a pipe is opened anew, so that its mode is ours alone; an eventfd can only be made
 * non-blocking, which the VMM can undo: see {@link BellWatch}.
 */
public final class CallLine {
  private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L);

  private final int fd;
  private final FileDescriptors.Kind kind;
  private volatile boolean givenUp;

  /**
   * Guarded by this, as are the watch's looks at the fd: its number may be another's once closed.
   */
  private boolean closed;

  /**
   * Takes the fd over, also when it refuses it.
   *
   * @throws IOException if it is of a kind that can't be used
   */
  public CallLine(int fd) throws IOException {
    int ours = fd;
    try {
      kind = FileDescriptors.kind(fd);
      if (kind != FileDescriptors.Kind.EVENTFD
          && kind != FileDescriptors.Kind.STREAM_SOCKET
          && kind != FileDescriptors.Kind.PIPE) {
        throw new IOException(
            "a call fd must be an eventfd, a pipe or a Unix stream socket, not " + kind);
      }
      if (kind == FileDescriptors.Kind.PIPE) {
        ours = FileDescriptors.reopenPipe(fd);
        FileDescriptors.closeForeign(fd);
      } else {
        FileDescriptors.setNonBlocking(fd);
      }
    } catch (IOException e) {
      FileDescriptors.closeForeign(ours);
      throw e;
    }
    this.fd = ours;
  }

  /** It has held a thread up, or would; it is not rung any more. The watch or a worker. */
  void giveUp() {
    givenUp = true;
  }

  boolean isGivenUp() {
    return givenUp;
  }

  /** Whether {@link #ring} would wait. The watch. */
  synchronized boolean isFull() {
    return isEventFd() && !closed && EventFd.isFull(fd);
  }

  boolean isEventFd() {
    return kind == FileDescriptors.Kind.EVENTFD;
  }

  /** Lets whoever waits in {@link #ring} go on. The watch. */
  synchronized void drain() {
    if (isEventFd() && !closed) {
      EventFd.drainNow(fd);
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
    if (isEventFd()) {
      return ringEventFd();
    }
    long _ =
        kind == FileDescriptors.Kind.STREAM_SOCKET
            ? Io.send(fd, ONE.address(), Long.BYTES)
            : Io.write(fd, ONE.address(), Long.BYTES);
    return true;
  }

  private boolean ringEventFd() {
    if (givenUp) {
      return false;
    }
    BellWatch.Post post = BellWatch.post();
    post.entered(this);
    long answer = EventFd.signal(fd);
    post.left();
    return answer >= 0 && !givenUp;
  }

  /** The fd, for whoever hands it over to another process. */
  public int fd() {
    return fd;
  }

  /** Closes our copy of the fd; no worker holds the line any more. */
  public synchronized void close() {
    closed = true;
    FileDescriptors.closeForeign(fd);
  }
}
