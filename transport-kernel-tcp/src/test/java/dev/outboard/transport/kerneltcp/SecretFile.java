package dev.outboard.transport.kerneltcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with a secret; only its owner may read it, and it goes with the process. */
final class SecretFile {
  private SecretFile() {}

  static Path of(String secret) {
    try {
      Path file = Files.createTempFile("outboard-secret", "");
      file.toFile().deleteOnExit();
      return Files.writeString(file, secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
