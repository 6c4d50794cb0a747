package dev.outboard.transport.kerneltcp;

import dev.outboard.packet.peers.Endpoint;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * The first message of each end, as {@code docs/kernel-tcp.md} has them.
 *
 * <pre>
 *   hello       0 "OUTBOARD"   8 version (2)   10 zero (2)   12 port (2)   14 family (2): 4 or 6
 *               16 address (16)   32 nonce (32)
 *   challenge   0 "OUTBOARD"   8 version (2)   10 zero (6)   16 nonce (32)
 * </pre>
 */
final class Greeting {
  static final int VERSION = 1;
  static final int HELLO = 64;
  static final int CHALLENGE = 48;

  private static final byte[] MAGIC = "OUTBOARD".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION_AT = 8;
  private static final int PORT_AT = 12;
  private static final int FAMILY_AT = 14;
  private static final int ADDRESS_AT = 16;
  private static final int NONCE = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What a greeting turned out to be. */
  enum Kind {
    GOOD,
    OTHER_VERSION,
    GARBAGE
  }

  private Greeting() {}

  static byte[] hello(Endpoint from) {
    byte[] address = from.address().getAddress();
    return start(HELLO)
        .putShort(PORT_AT, (short) from.port())
        .putShort(FAMILY_AT, (short) (from.isIpv6() ? 6 : 4))
        .put(ADDRESS_AT, address)
        .put(HELLO - NONCE, nonce())
        .array();
  }

  static byte[] challenge() {
    return start(CHALLENGE).put(CHALLENGE - NONCE, nonce()).array();
  }

  private static ByteBuffer start(int size) {
    ByteBuffer greeting = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    return greeting.put(0, MAGIC).putShort(VERSION_AT, (short) VERSION);
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    return nonce;
  }

  private static ByteBuffer view(byte[] greeting) {
    return ByteBuffer.wrap(greeting).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Kind kindOf(byte[] greeting) {
    for (int i = 0; i < MAGIC.length; i++) {
      if (greeting[i] != MAGIC[i]) {
        return Kind.GARBAGE;
      }
    }
    ByteBuffer view = view(greeting);
    if (view.getShort(VERSION_AT) != VERSION) {
      return Kind.OTHER_VERSION;
    }
    boolean isZero =
        greeting.length == HELLO
            ? view.getShort(VERSION_AT + 2) == 0
            : view.getInt(VERSION_AT + 2) == 0 && view.getShort(VERSION_AT + 6) == 0;
    return isZero ? Kind.GOOD : Kind.GARBAGE;
  }

  /** The endpoint that a hello names, or null if that is none. */
  static Endpoint endpoint(byte[] hello) {
    ByteBuffer view = view(hello);
    int family = view.getShort(FAMILY_AT);
    int port = view.getShort(PORT_AT) & 0xffff;
    if (port == 0 || (family != 4 && family != 6)) {
      return null;
    }
    byte[] address = new byte[family == 4 ? 4 : 16];
    view.get(ADDRESS_AT, address);
    for (int i = ADDRESS_AT + address.length; i < HELLO - NONCE; i++) {
      if (hello[i] != 0) {
        return null;
      }
    }
    try {
      InetAddress named = InetAddress.getByAddress(address);
      return named instanceof Inet6Address == (family == 6) ? new Endpoint(named, port) : null;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
