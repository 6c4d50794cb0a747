package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Io;
import dev.outboard.linux.TcpSocket;
import java.lang.foreign.MemorySegment;

/** A connection without TLS. */
record PlainStream(TcpSocket socket) implements TrunkStream {
  @Override
  public boolean copies() {
    return false;
  }

  @Override
  public long send(MemorySegment from, long at, long length) {
    return Io.send(socket.fd(), from.address() + at, length);
  }

  @Override
  public long flush() {
    return 0;
  }

  @Override
  public long receive(MemorySegment into, long at, long length) {
    return socket.receive(into.address() + at, length);
  }

  @Override
  public boolean isBuffered() {
    return false;
  }

  @Override
  public void shutdownOutput() {
    socket.shutdownOutput();
  }

  @Override
  public String problem() {
    return "";
  }

  @Override
  public void close() {
    socket.close();
  }
}
