package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;
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
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

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
    try {
      Path path = Path.of(file);
      refuseIfOthersMay("secret-file", path);
      if (!Files.isRegularFile(path) || Files.size(path) > MOST) {
        throw new TransportException(
            "secret-file: %s is no file of %d bytes at most".formatted(file, MOST));
      }
      return new Secret(trimmed(file, Files.readAllBytes(path)));
    } catch (IOException | InvalidPathException e) {
      throw new TransportException(
          "secret-file: can't read '%s'".formatted(file.replaceAll("\\p{Cntrl}", "?")), e);
    }
  }

  /** Refuses a file of a setting that others than its owner may read or change. */
  static void refuseIfOthersMay(String setting, Path file) throws TransportException {
    try {
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
        throw new TransportException(
            "%s: others may read or change %s; chmod 600 it".formatted(setting, file));
      }
    } catch (IOException e) {
      throw new TransportException("%s: can't read '%s'".formatted(setting, file), e);
    }
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
