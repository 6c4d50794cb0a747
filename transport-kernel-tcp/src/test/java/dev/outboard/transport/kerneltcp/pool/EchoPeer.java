package dev.outboard.transport.kerneltcp.pool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends back each byte on each connection, on loopback; says how many connections there are. */
final class EchoPeer implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger most = new AtomicInteger();

  EchoPeer() throws IOException {
    Thread _ = Thread.ofVirtual().start(this::accept);
  }

  SocketAddress address() {
    return server.getLocalSocketAddress();
  }

  int open() {
    return open.size();
  }

  /** The most there were at a time. */
  int most() {
    return most.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        most.accumulateAndGet(open.size(), Math::max);
        Thread _ = Thread.ofVirtual().start(() -> echo(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // Ended by the other side or by closing.
    } finally {
      open.remove(socket);
    }
  }

  /** Ends all connections there are, as a restart would; not those that are made meanwhile. */
  void cutAll() throws IOException {
    for (Socket socket : List.copyOf(open)) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cutAll();
  }
}
