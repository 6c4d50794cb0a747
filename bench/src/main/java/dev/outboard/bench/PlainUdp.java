package dev.outboard.bench;

import dev.outboard.linux.InternetAddress;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.OutgoingMessages;
import dev.outboard.linux.UdpSocket;
import dev.outboard.packet.Vxlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;

/** VXLAN as one would write it first: a system call for each frame. One thread. */
final class PlainUdp implements AutoCloseable {
  private static final int HEADERS = 54;
  private static final int ROOM = 65_536;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(ROOM, 64);
  private final MemorySegment header = arena.allocate(Vxlan.HEADER, 8);
  private final MemorySegment name = arena.allocate(InternetAddress.SIZE, 8);
  private final OutgoingMessages message = new OutgoingMessages(arena, 1, 3);
  private final UdpSocket socket;

  /** A socket with this address and port; 0 is any. */
  PlainUdp(String address, int port, boolean sendOnly) throws LinuxException {
    InetAddress local = InetAddress.ofLiteral(address);
    socket = new UdpSocket(local);
    int _ = socket.receiveBuffer(8 << 20);
    if (sendOnly) {
      socket.sendOnly();
    }
    socket.bind(local, port);
    Vxlan.write(header, 0, VxlanHost.NETWORK);
  }

  /** Sends frames, each from a header of VXLAN and two fragments. */
  int send(String to, int length, int count) {
    int nameLength = InternetAddress.write(name, 0, InetAddress.ofLiteral(to), Vxlan.PORT);
    for (int i = 0; i < count; i++) {
      message.clear();
      message.add(header.address(), Vxlan.HEADER);
      message.add(memory.address(), HEADERS);
      message.add(memory.address() + HEADERS, length - HEADERS);
      message.end(name.address(), nameLength, 0);
      if (socket.send(message.address(0), IoUring.DONT_WAIT) < 0) {
        return i;
      }
    }
    return count;
  }

  /** Receives until there is nothing. */
  int receiveAll() {
    int count = 0;
    while (true) {
      message.clear();
      message.add(memory.address(), ROOM);
      message.end(name.address(), InternetAddress.SIZE, 0);
      if (socket.receive(message.address(0), IoUring.DONT_WAIT) < 0) {
        return count;
      }
      count++;
    }
  }

  @Override
  public void close() {
    socket.close();
    arena.close();
  }
}
