package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sockets are found by what they are for, and told apart. */
class OpenDescriptorsTest {
  private static final int INTERNET = 2;

  @Test
  void aSocketIsFoundInItsDomainWhileItIsOpen() throws Exception {
    Map<Integer, String> before = OpenDescriptors.sockets(INTERNET);
    UdpSocket socket = new UdpSocket(InetAddress.ofLiteral("127.0.0.1"));
    Map<Integer, String> open = OpenDescriptors.sockets(INTERNET);
    open.entrySet().removeAll(before.entrySet());
    assertEquals(Set.of(socket.fd()), open.keySet());
    assertFalse(
        OpenDescriptors.sockets(OpenDescriptors.XDP).containsKey(socket.fd()), "another domain");
    socket.close();
    assertFalse(OpenDescriptors.sockets(INTERNET).containsValue(open.get(socket.fd())), "closed");
  }
}
