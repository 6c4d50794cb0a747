package dev.outboard.transport.kerneltcp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Somebody on the path between two sidecars: reads all that is said, and alters it if told to. */
final class Relay implements AutoCloseable {
  private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

  private final ServerSocket server;
  private final int target;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private final List<Socket> sockets = new ArrayList<>();
  private volatile boolean alters;

  /** Stands at one port and leads to the other. */
  Relay(int port, int target) throws IOException {
    server = new ServerSocket(port, 50, HERE);
    this.target = target;
    Thread.ofVirtual().start(this::acceptAll);
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket from = server.accept();
        Socket to = new Socket(HERE, target, HERE, 0);
        from.setTcpNoDelay(true);
        to.setTcpNoDelay(true);
        synchronized (this) {
          sockets.add(from);
          sockets.add(to);
        }
        Thread.ofVirtual().start(() -> pass(from, to));
        Thread.ofVirtual().start(() -> pass(to, from));
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] bytes = new byte[65_536];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(bytes); count > 0; count = in.read(bytes)) {
        synchronized (this) {
          heard.write(bytes, 0, count);
        }
        if (alters) {
          bytes[count - 1] ^= 1;
        }
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // One of the two has gone.
    }
  }

  /** From now on a bit of what is said is another. */
  void alter() {
    alters = true;
  }

  /** All that was said so far, a byte a character. */
  synchronized String heard() {
    return heard.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Ends all connections, in good order as far as TCP knows. */
  synchronized void cut() throws IOException {
    for (Socket each : sockets) {
      each.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
