package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.TransportException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What both ends of a connection know and prove to each other: HMAC-SHA256 over all that was said,
 * with a label for each direction, so that neither a replayed nor a reflected proof is one. Any
 * thread.
 */
final class Secret {
  /** The size of a proof. */
  static final int PROOF = 32;

  private static final int LEAST = 16;
  private static final int MOST = 4096;
  private final SecretKeySpec key;

  Secret(byte[] bytes) {
    key = new SecretKeySpec(bytes, "HmacSHA256");
    // The JDK loads its providers at the first use, which is not to be a handshake's.
    byte[] _ = proof((byte) 0, Greeting.challenge(), Greeting.challenge());
  }

  /** Reads it from a file; white space at the end is not part of it. */
  static Secret read(String file) throws TransportException {
    if (file.isEmpty()) {
      throw new TransportException(
          "secret-file is missing: a file with the secret that all sidecars of this uplink share");
    }
    SettingFile.refuseIfOthersMay("secret-file", file);
    return new Secret(trimmed(file, SettingFile.read("secret-file", file, MOST)));
  }

  /** What everybody knows, where TLS has told already who is there. */
  static Secret none() {
    return new Secret(new byte[PROOF]);
  }

  private static byte[] trimmed(String file, byte[] bytes) throws TransportException {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] <= ' ' && bytes[end - 1] >= 0) {
      end--;
    }
    if (end < LEAST) {
      throw new TransportException(
          "secret-file: %s has %d bytes, %d are the least; head -c 32 /dev/urandom | base64"
              .formatted(file, end, LEAST));
    }
    return Arrays.copyOf(bytes, end);
  }

  /** The proof of whom the label names, for what was said. */
  byte[] proof(byte label, byte[] hello, byte[] challenge) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(label);
      mac.update(hello);
      mac.update(challenge);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HMAC-SHA256", e);
    }
  }

  /** Whether it is that proof; takes the same time for every wrong one. */
  boolean isProof(byte[] claimed, byte label, byte[] hello, byte[] challenge) {
    return MessageDigest.isEqual(proof(label, hello, challenge), claimed);
  }
}
