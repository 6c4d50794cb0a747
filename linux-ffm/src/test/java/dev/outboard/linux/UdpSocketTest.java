package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UDP sockets over loopback, IPv4 and IPv6; sending and receiving by an io_uring. */
class UdpSocketTest {
  private static final int BUFFER = 70_000;
  private static final long PATIENCE = 10_000_000_000L;

  /** A receiver with a ring and buffers, and memory to send from. */
  private static final class Pair implements AutoCloseable {
    final Arena arena = Arena.ofConfined();
    final InetAddress local;
    final UdpSocket sender;
    final UdpSocket receiver;
    final IoUring ring = new IoUring(64, 256);
    final BufferRing buffers = new BufferRing(ring, 0, 64, BUFFER);
    final ReceivedMessages format = new ReceivedMessages(arena);
    final MemorySegment name = arena.allocate(InternetAddress.SIZE, 8);
    final MemorySegment bytes = arena.allocate(65_536);
    final int nameLength;

    Pair(String address) throws LinuxException {
      local = InetAddress.ofLiteral(address);
      sender = new UdpSocket(local);
      sender.bind(local, 0);
      receiver = new UdpSocket(local);
      receiver.receiveCoalesced();
      receiver.bind(local, 0);
      nameLength = InternetAddress.write(name, 0, local, receiver.localPort());
      for (int i = 0; i < bytes.byteSize(); i++) {
        bytes.set(ValueLayout.JAVA_BYTE, i, (byte) ((i * 31) >>> 3));
      }
      ring.start();
    }

    void receive() {
      assertTrue(ring.receiveMessages(receiver.fd(), format.template(), 0, 1));
      ring.submit();
    }

    /** Sends the first bytes as one message; the result. */
    long send(int length, int segmentSize) {
      OutgoingMessages messages = new OutgoingMessages(arena, 1, 2);
      messages.add(bytes.address(), length / 2);
      messages.add(bytes.address() + length / 2, length - length / 2);
      messages.end(name.address(), nameLength, segmentSize);
      return sender.send(messages.address(0), IoUring.DONT_WAIT);
    }

    @Override
    public void close() {
      ring.close();
      buffers.close();
      sender.close();
      receiver.close();
      arena.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aMultishotReceiveYieldsEachDatagramWithItsSender(String address) throws Exception {
    try (Pair pair = new Pair(address)) {
      pair.receive();
      for (int length : new int[] {1, 60, 1400, 1, 60_000, 300}) {
        assertEquals(length, pair.send(length, 0));
        assertEquals(1, pair.ring.poll());
        assertTrue((pair.ring.flags(0) & IoUring.MORE) != 0);
        MemorySegment memory = pair.buffers.memory();
        long at = (long) pair.ring.buffer(0) * BUFFER;
        assertEquals(length, ReceivedMessages.length(memory, at));
        assertEquals(ReceivedMessages.PAYLOAD + length, pair.ring.result(0));
        assertEquals(0, ReceivedMessages.segmentSize(memory, at));
        assertFalse(ReceivedMessages.isTruncated(memory, at));
        assertTrue(ReceivedMessages.hasName(memory, at));
        long name = at + ReceivedMessages.NAME;
        assertEquals(pair.sender.localPort(), InternetAddress.port(memory, name));
        assertEquals(InternetAddress.low(pair.name, 0), InternetAddress.low(memory, name));
        assertEquals(InternetAddress.high(pair.name, 0), InternetAddress.high(memory, name));
        long payload = at + ReceivedMessages.PAYLOAD;
        assertEquals(-1, memory.asSlice(payload, length).mismatch(pair.bytes.asSlice(0, length)));
        pair.ring.advance(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aMessageCutByTheKernelArrivesCoalesced(String address) throws Exception {
    try (Pair pair = new Pair(address)) {
      pair.receive();
      assertEquals(10_000, pair.send(10_000, 1200));
      assertEquals(1, pair.ring.poll());
      long at = (long) pair.ring.buffer(0) * BUFFER;
      assertEquals(1200, ReceivedMessages.segmentSize(pair.buffers.memory(), at));
      assertEquals(10_000, ReceivedMessages.length(pair.buffers.memory(), at));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void manyMessagesLeaveBySingleSubmissionAndInOrder(String address) throws Exception {
    try (Pair pair = new Pair(address)) {
      OutgoingMessages messages = new OutgoingMessages(pair.arena, 32, 32);
      for (int i = 0; i < 32; i++) {
        messages.add(pair.bytes.address(), 100 + i);
        messages.end(pair.name.address(), pair.nameLength, 0);
        pair.ring.sendMessage(pair.sender.fd(), messages.address(i), IoUring.DONT_WAIT, i);
      }
      assertFalse(messages.hasRoom(0));
      assertEquals(32, pair.ring.submit());
      assertEquals(32, pair.ring.available());
      for (int i = 0; i < 32; i++) {
        assertEquals(i, pair.ring.userData(i));
        assertEquals(100 + i, pair.ring.result(i));
      }
      pair.ring.advance(32);
      pair.receive();
      int seen = 0;
      int count;
      while ((count = pair.ring.poll()) > 0) {
        for (int i = 0; i < count; i++) {
          assertEquals(ReceivedMessages.PAYLOAD + 100 + seen++, pair.ring.result(i));
        }
        pair.ring.advance(count);
      }
      assertEquals(32, seen);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aZeroCopySendTellsWhenTheMemoryIsFree(String address) throws Exception {
    try (Pair pair = new Pair(address)) {
      OutgoingMessages messages = new OutgoingMessages(pair.arena, 1, 1);
      messages.add(pair.bytes.address(), 1400);
      messages.end(pair.name.address(), pair.nameLength, 0);
      pair.ring.sendMessageZeroCopy(pair.sender.fd(), messages.address(0), IoUring.DONT_WAIT, 5);
      pair.ring.submitAndWait(1, PATIENCE);
      List<Integer> flags = new ArrayList<>();
      List<Integer> results = new ArrayList<>();
      long deadline = System.nanoTime() + PATIENCE;
      pair.receive();
      while (flags.stream().noneMatch(f -> (f & IoUring.NOTIFICATION) != 0)) {
        assertTrue(System.nanoTime() < deadline, "no notification");
        pair.ring.submitAndWait(1, 1_000_000);
        int count = pair.ring.poll();
        for (int i = 0; i < count; i++) {
          if (pair.ring.userData(i) == 5) {
            flags.add(pair.ring.flags(i));
            results.add(pair.ring.result(i));
          }
        }
        pair.ring.advance(count);
      }
      assertEquals(1400, results.getFirst());
      assertEquals(IoUring.MORE, flags.getFirst() & IoUring.MORE);
      assertEquals(2, flags.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void whatFindsNoRoomIsCounted(String address) throws Exception {
    try (Pair pair = new Pair(address)) {
      int sent = 0;
      while (pair.receiver.drops() < 10 && sent < 100_000) {
        assertEquals(1000, pair.send(1000, 0));
        sent++;
      }
      assertEquals(10, pair.receiver.drops());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aSocketThatOnlySendsKeepsNothing(String address) throws Exception {
    try (Pair pair = new Pair(address)) {
      try (UdpSocket deaf = new UdpSocket(pair.local)) {
        deaf.sendOnly();
        deaf.bind(pair.local, 0);
        InternetAddress.write(pair.name, 0, pair.local, deaf.localPort());
        for (int i = 0; i < 2000; i++) {
          assertEquals(1000, pair.send(1000, 0));
        }
        assertEquals(-Errno.EAGAIN, deaf.receive(pair.format.template(), IoUring.DONT_WAIT));
        assertTrue(deaf.send(message(pair), IoUring.DONT_WAIT) > 0);
      }
    }
  }

  private static long message(Pair pair) {
    OutgoingMessages messages = new OutgoingMessages(pair.arena, 1, 1);
    messages.add(pair.bytes.address(), 8);
    messages.end(pair.name.address(), pair.nameLength, 0);
    return messages.address(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aPortIsSharedByThoseWhoAgree(String address) throws Exception {
    InetAddress local = InetAddress.ofLiteral(address);
    try (UdpSocket one = new UdpSocket(local);
        UdpSocket two = new UdpSocket(local);
        UdpSocket other = new UdpSocket(local)) {
      one.sharePort();
      two.sharePort();
      one.bind(local, 0);
      two.bind(local, one.localPort());
      LinuxException refused =
          assertThrows(LinuxException.class, () -> other.bind(local, one.localPort()));
      assertEquals(Errno.EADDRINUSE, refused.errno());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void optionsAreTaken(String address) throws Exception {
    InetAddress local = InetAddress.ofLiteral(address);
    try (UdpSocket socket = new UdpSocket(local)) {
      assertTrue(socket.receiveBuffer(100_000) > 0);
      assertTrue(socket.sendBuffer(100_000) > 0);
      socket.oversize(UdpSocket.Oversize.REFUSE);
      socket.oversize(UdpSocket.Oversize.FRAGMENT);
      socket.acceptMissingChecksums();
      socket.bindToDevice("lo");
      assertThrows(LinuxException.class, () -> socket.bindToDevice("none-such"));
      socket.bind(local, 0);
    }
  }
}
