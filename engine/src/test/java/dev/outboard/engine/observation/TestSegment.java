package dev.outboard.engine.observation;

import dev.outboard.guest.Endpoint;
import dev.outboard.guest.Frames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A TCP segment made by hand, for tests.
 *
 * @param flags as on the wire
 */
public record TestSegment(
    Endpoint from, Endpoint to, int flags, int sequence, int acknowledgment, int payload) {
  public static final int FIN = 0x01;
  public static final int SYN = 0x02;
  public static final int ACK = 0x10;

  private static final int PORT = 7000;
  private static final int PROTOCOL_TCP = 6;
  private static final int VIRTIO_HEADER = 12;
  private static final int NEEDS_CHECKSUM = 1;
  private static final int GSO_TCPV4 = 1;

  /** The whole frame, its checksum right. */
  public byte[] frame() {
    byte[] segment = Frames.tcp(from.ip(), to.ip(), PORT, PORT, sequence, new byte[payload]);
    ByteBuffer out = ByteBuffer.wrap(segment);
    out.putInt(8, acknowledgment).put(13, (byte) flags).putShort(16, (short) 0);
    out.putShort(16, (short) Frames.transportChecksum(from.ip(), to.ip(), PROTOCOL_TCP, segment));
    boolean ipv4 = from.isIpv4();
    byte[] packet =
        ipv4
            ? Frames.ipv4Packet(from.ip(), to.ip(), PROTOCOL_TCP, segment)
            : Frames.ipv6Packet(from.ip(), to.ip(), PROTOCOL_TCP, 64, segment);
    int type = ipv4 ? Frames.TYPE_IPV4 : Frames.TYPE_IPV6;
    return Frames.ethernet(to.mac(), from.mac(), type, packet);
  }

  /** As a super-frame over IPv4, its virtio-net header in front. */
  public byte[] superFrame(int segmentSize) {
    byte[] frame = frame();
    int start = Frames.ETHERNET_HEADER + Frames.IPV4_HEADER;
    int sum = Frames.pseudoHeaderSum(from.ip(), to.ip(), PROTOCOL_TCP, frame.length - start);
    ByteBuffer out = ByteBuffer.allocate(VIRTIO_HEADER + frame.length);
    out.order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) NEEDS_CHECKSUM).put((byte) GSO_TCPV4);
    out.putShort((short) (start + Frames.TCP_HEADER)).putShort((short) segmentSize);
    out.putShort((short) start).putShort((short) 16).putShort((short) 0).put(frame);
    out.order(ByteOrder.BIG_ENDIAN).putShort(VIRTIO_HEADER + start + 16, (short) sum);
    return out.array();
  }
}
