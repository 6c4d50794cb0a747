package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A descriptor whose close waits costs nobody else anything. */
class LingeringDescriptorTest {
  private static final int SET_VRING_CALL = 13;
  private static final int LINGER_SECONDS = 6;
  private static final long SOON_NANOS = 3_000_000_000L;

  /** The numbers of the sockets that are open. */
  private static Set<String> sockets() throws IOException {
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      for (Path fd : fds.toList()) {
        if (Files.isSymbolicLink(fd)
            && Files.readSymbolicLink(fd).toString().startsWith("socket:")) {
          sockets.add(fd.getFileName().toString());
        }
      }
    }
    return sockets;
  }

  /** Connects to a peer that does not read, and leaves much unsent. */
  private static void connect(ServerSocketChannel server, SocketChannel client) throws IOException {
    client.setOption(StandardSocketOptions.SO_LINGER, LINGER_SECONDS);
    client.connect(server.getLocalAddress());
    client.configureBlocking(false);
    ByteBuffer data = ByteBuffer.allocate(1 << 20);
    while (client.write(data.clear()) > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aTcpSocketThatLingersIsRefusedAndHoldsNobodyUp() throws Exception {
    try (TestHost host = new TestHost();
        ServerSocketChannel server = ServerSocketChannel.open()) {
      host.engine.attach(host.spec(1));
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (VhostUserFrontend vmm = host.connect(1)) {
        vmm.getFeatures();
        byte[] message = VhostUserMessage.bytes(SET_VRING_CALL, 1, 8, new byte[8]);
        Set<String> before = sockets();
        SocketChannel client = SocketChannel.open();
        Set<String> now = sockets();
        now.removeAll(before);
        connect(server, client);
        int socket = Integer.parseInt(now.iterator().next());
        // The descriptor comes with the first byte; ours is closed before the last one is sent.
        vmm.channel().sendRaw(Arrays.copyOf(message, 1), socket);
        client.close();
        vmm.channel().sendRaw(Arrays.copyOfRange(message, 1, message.length));
        TestHost.await(() -> host.status("g1").note().startsWith("a call fd must be"));
      }
      long start = System.nanoTime();
      host.engine.attach(host.spec(2));
      try (VhostUserFrontend other = host.connect(2)) {
        other.getFeatures();
      }
      assertTrue(System.nanoTime() - start < SOON_NANOS, "others had to wait");
    }
  }
}
