package dev.outboard.engine.vhostuser;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Our end of the channel for requests to the VMM (section "Back-end message types"). Nothing is
 * waited for: a VMM that does not read loses the message. The control thread.
 */
final class BackendChannel implements AutoCloseable {
  private static final int CONFIG_CHANGED = 2;
  private static final int VERSION = 1;

  private final int fd;

  /** Takes the fd over, also when it refuses it. */
  BackendChannel(int fd) throws ProtocolException {
    this.fd = fd;
    try {
      if (FileDescriptors.kind(fd) != FileDescriptors.Kind.STREAM_SOCKET) {
        throw new ProtocolException("the back-end request fd must be a Unix stream socket");
      }
    } catch (ProtocolException e) {
      close();
      throw e;
    }
  }

  /** Has the VMM tell its driver that the configuration space has changed. */
  void configChanged() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(12, 4);
      message.set(ValueLayout.JAVA_INT, 0, CONFIG_CHANGED);
      message.set(ValueLayout.JAVA_INT, 4, VERSION);
      long _ = Io.send(fd, message.address(), message.byteSize());
    }
  }

  /** The fd, for whoever hands it over to another process. */
  int fd() {
    return fd;
  }

  @Override
  public void close() {
    FileDescriptors.closeForeign(fd);
  }
}
