package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real connections over the loopback device. */
class TcpSocketTest {
  private static final int PORT = 27_401;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void bytesAreGatheredAndArrive(String host) throws Exception {
    InetAddress address = InetAddress.ofLiteral(host);
    try (Arena arena = Arena.ofConfined();
        TcpSocket listening = TcpSocket.listen(address, PORT, 8);
        TcpSocket one = TcpSocket.connect(address, address, PORT);
        TcpSocket two = accepted(listening)) {
      assertEquals(address, two.peer());
      assertEquals(0, one.error());
      one.noDelay();
      one.failAfter(5_000);
      one.buffers(65_536);
      MemorySegment bytes = arena.allocateFrom("gathered");
      OutgoingMessages message = new OutgoingMessages(arena, 1, 2);
      message.add(bytes.address(), 3);
      message.add(bytes.address() + 3, 5);
      message.end(0, 0, 0);
      assertEquals(8, one.send(message.address(0)));
      MemorySegment got = arena.allocate(16);
      assertEquals(8, awaitBytes(two, got));
      assertEquals("gathered", got.getString(0));
      assertEquals(-Errno.EAGAIN, two.receive(got.address(), 16));
      one.shutdownOutput();
      assertEquals(0, awaitBytes(two, got));
    }
  }

  @Test
  void whatIsSentHasThePriorityThatWasSaidLast() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    try (TcpSocket socket = TcpSocket.listen(address, PORT, 8)) {
      for (int each : new int[] {TcpSocket.INTERACTIVE, TcpSocket.BULK, TcpSocket.BEST_EFFORT}) {
        socket.priority(each);
        assertEquals(each, FileDescriptors.socketOption(socket.fd(), 12));
      }
    }
  }

  @Test
  void nobodyThereIsAnErrorAndNothingIsAcceptedTwice() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    try (TcpSocket listening = TcpSocket.listen(address, PORT, 8)) {
      assertNull(listening.accept());
      LinuxException taken =
          assertThrows(LinuxException.class, () -> TcpSocket.listen(address, PORT, 8));
      assertEquals(Errno.EADDRINUSE, taken.errno());
    }
    try (TcpSocket socket = TcpSocket.connect(address, address, PORT)) {
      assertEquals(Errno.ECONNREFUSED, socket.error());
    } catch (LinuxException e) {
      assertEquals(Errno.ECONNREFUSED, e.errno());
    }
  }

  private static TcpSocket accepted(TcpSocket listening) throws Exception {
    TcpSocket socket;
    while ((socket = listening.accept()) == null) {
      Thread.sleep(1);
    }
    return socket;
  }

  private static long awaitBytes(TcpSocket socket, MemorySegment into) throws Exception {
    long got;
    while ((got = socket.receive(into.address(), into.byteSize())) == -Errno.EAGAIN) {
      Thread.sleep(1);
    }
    return got;
  }
}
