package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sockets are found by what they are for, and told apart. */
class SocketsTest {
  private static final int INTERNET = 2;

  @Test
  void aSocketIsFoundInItsDomainWhileItIsOpen() throws Exception {
    Map<Integer, String> before = Sockets.ofDomain(INTERNET);
    UdpSocket socket = new UdpSocket(InetAddress.ofLiteral("127.0.0.1"));
    Map<Integer, String> open = Sockets.ofDomain(INTERNET);
    open.entrySet().removeAll(before.entrySet());
    assertEquals(Set.of(socket.fd()), open.keySet());
    assertFalse(Sockets.ofDomain(Sockets.XDP).containsKey(socket.fd()), "another domain");
    socket.close();
    assertFalse(Sockets.ofDomain(INTERNET).containsValue(open.get(socket.fd())), "closed");
  }
}
