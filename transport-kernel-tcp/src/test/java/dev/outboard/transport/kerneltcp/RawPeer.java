package dev.outboard.transport.kerneltcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Somebody who connects to a sidecar and says what a test wants: a plain blocking socket, that
 * knows the format from the documentation and not from the code.
 */
final class RawPeer implements AutoCloseable {
  static final int PORT = 27_499;
  final Socket socket = new Socket();
  byte[] hello = hello(1);
  byte[] challenge = new byte[48];

  RawPeer(int port) throws IOException {
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 5_000);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
  }

  static byte[] hello(int version) {
    byte[] hello = new byte[64];
    ByteBuffer.wrap(hello)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("OUTBOARD".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) version)
        .putShort((short) 0)
        .putShort((short) PORT)
        .putShort((short) 4)
        .put(new byte[] {127, 0, 0, 1});
    hello[40] = 77;
    return hello;
  }

  RawPeer say(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Says hello and reads the challenge. */
  RawPeer greet() throws IOException {
    say(hello);
    challenge = socket.getInputStream().readNBytes(48);
    return this;
  }

  byte[] proof(String secret) {
    return new Secret(secret.getBytes(StandardCharsets.US_ASCII)).proof((byte) 1, hello, challenge);
  }

  /** A whole handshake with the right secret. */
  RawPeer shake() throws IOException {
    greet().say(proof("0123456789abcdef"));
    if (socket.getInputStream().readNBytes(32).length != 32) {
      throw new IOException("no proof came back");
    }
    return this;
  }

  /** Whether the other side hangs up, within 20 s. */
  boolean isCutOff() {
    try {
      while (socket.getInputStream().read() >= 0) {
        // What it still says does not matter.
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** A frame of this many bytes, with these values in its header. */
  static byte[] frame(int length, int network, int type, long offload, long behind, int body) {
    return ByteBuffer.allocate(24 + body)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(length)
        .putInt(network | type << 24)
        .putLong(offload)
        .putLong(behind)
        .array();
  }

  static byte[] frame(int length) {
    return frame(length, Sidecar.NETWORK, 1, 0, 0, length);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
