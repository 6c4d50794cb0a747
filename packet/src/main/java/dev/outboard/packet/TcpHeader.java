package dev.outboard.packet;

import java.lang.foreign.MemorySegment;

/**
 * What an onlooker has to know of a TCP segment (RFC 9293), from the first bytes of its frame. All
 * of it is what the sender says: nothing is checked but that it is there. Scratch of one worker,
 * good until the next {@link #read}.
 */
public final class TcpHeader {
  private static final int LENGTH = 20;
  private static final int FIN = 0x01;
  private static final int SYN = 0x02;
  private static final int RST = 0x04;
  private static final int ACK = 0x10;
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

  private final TransportPlace place = new TransportPlace();

  private int ports;
  private int sequence;
  private int acknowledgment;
  private int flags;
  private int payload;
  private long sourceHash;
  private long destinationHash;

  /**
   * Reads a frame's headers.
   *
   * @param memory private memory: it is read more than once
   * @param at where the Ethernet header starts
   * @param available how many bytes of the frame are there
   * @param length how long the whole frame is
   * @param superFrame whether it stands for several; then its IP header need not say how long it is
   * @return false if it is not TCP, or a fragment, or not all of its headers are there
   */
  public boolean read(
      MemorySegment memory, long at, int available, int length, boolean superFrame) {
    if (!place.find(memory, at, available) || place.protocol() != Ip.TCP || place.isFragment()) {
      return false;
    }
    int start = place.start();
    if (start + LENGTH > available) {
      return false;
    }
    long tcp = at + start;
    int headers = start + (Bytes.u8(memory, tcp + 12) >>> 4) * 4;
    int end = superFrame ? length : Math.min(length, place.end(memory, at));
    if (headers < start + LENGTH || headers > end) {
      return false;
    }
    payload = end - headers;
    ports = Bytes.i32(memory, tcp);
    sequence = Bytes.i32(memory, tcp + 4);
    acknowledgment = Bytes.i32(memory, tcp + 8);
    flags = Bytes.u8(memory, tcp + TcpSegment.TCP_FLAGS);
    if (place.isIpv4()) {
      sourceHash = Ip.source4(memory, at);
      destinationHash = Ip.destination4(memory, at);
    } else {
      sourceHash = mix(Ip.source6High(memory, at)) + Ip.source6Low(memory, at);
      destinationHash = mix(Ip.destination6High(memory, at)) + Ip.destination6Low(memory, at);
    }
    return true;
  }

  /** A number for the connection, seen from the sender: {@link #ofReceiver} of what it gets. */
  public long ofSender() {
    return connection(sourceHash, destinationHash, ports);
  }

  /** A number for the connection, seen from whom the segment is for. */
  public long ofReceiver() {
    return connection(destinationHash, sourceHash, Integer.rotateLeft(ports, 16));
  }

  private static long connection(long near, long far, int nearAndFarPort) {
    return mix(mix(mix(near) + far) + nearAndFarPort);
  }

  private static long mix(long value) {
    long product = value * MULTIPLIER;
    return (product ^ product >>> 32) * MULTIPLIER;
  }

  /** The number of the first byte. */
  public int sequence() {
    return sequence;
  }

  /** Bytes of payload. */
  public int payload() {
    return payload;
  }

  /** How many sequence numbers it takes: its payload's, and one for a SYN or FIN. */
  public int sequenceLength() {
    return payload + (flags & FIN) + ((flags & SYN) >>> 1);
  }

  /** Whether it opens the connection. */
  public boolean isSyn() {
    return (flags & SYN) != 0;
  }

  /** Whether it ends the connection at once. */
  public boolean isReset() {
    return (flags & RST) != 0;
  }

  /** Whether {@link #acknowledgment} means anything. */
  public boolean acknowledges() {
    return (flags & ACK) != 0;
  }

  /** The next byte that its sender waits for. */
  public int acknowledgment() {
    return acknowledgment;
  }
}
