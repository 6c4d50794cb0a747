package dev.outboard.transport.dpdk.underlay;

import dev.outboard.spi.TransportException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A host with one worker, and packets as arrays of exactly their length. */
final class TestHost {
  private static final int ROOM = 2048;

  final Family family;
  final int number;
  final NextHops hops;
  final Underlay underlay;

  /** Its time, which overflows soon. */
  private long now = Long.MAX_VALUE - 5_000_000_000L;

  private final long begin = now;

  private TestHost(Family family, int number, String gateway) throws TransportException {
    this.family = family;
    this.number = number;
    hops = family.host(number, gateway, () -> now);
    underlay = Underlay.of(hops);
  }

  static TestHost of(Family family, int number) throws TransportException {
    return new TestHost(family, number, "");
  }

  static TestHost behindGateway(Family family, int number) throws TransportException {
    return new TestHost(family, number, family.gateway);
  }

  void atMillis(long millis) {
    now = begin + millis * 1_000_000L;
    underlay.setTime(now);
  }

  int open(int network, TestHost peer) throws TransportException {
    return hops.open(network, family.address(peer.number)).number();
  }

  /** All that it wants to ask now. */
  List<byte[]> requests() {
    List<byte[]> all = new ArrayList<>();
    byte[] room = new byte[Underlay.LONGEST_REQUEST];
    int length;
    while ((length = underlay.request(MemorySegment.ofArray(room), 0)) > 0) {
      all.add(java.util.Arrays.copyOf(room, length));
    }
    return all;
  }

  Verdict receive(byte[] packet) {
    return underlay.decapsulate(MemorySegment.ofArray(packet), 0, packet.length, false);
  }

  /** The answer to a packet that asks something. */
  byte[] answer(byte[] packet) {
    byte[] reply = new byte[ROOM];
    int length =
        underlay.answer(MemorySegment.ofArray(packet), 0, MemorySegment.ofArray(reply), 0, ROOM);
    return java.util.Arrays.copyOf(reply, length);
  }

  /** A frame in its datagram; null if its peer's MAC address is not known. */
  byte[] send(int hop, int flowHash, byte[] frame) {
    byte[] packet = new byte[underlay.headers() + frame.length];
    System.arraycopy(frame, 0, packet, underlay.headers(), frame.length);
    int length =
        underlay.encapsulate(MemorySegment.ofArray(packet), 0, frame.length, hop, flowHash);
    return length == packet.length ? packet : null;
  }

  /** Asks for all neighbours, and has the other answer. */
  void resolve(TestHost other) {
    for (byte[] request : requests()) {
      if (other.receive(request) == Verdict.ANSWER) {
        Verdict _ = receive(other.answer(request));
      }
    }
  }
}
