package dev.outboard.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A file with a secret that two sidecars share, as the transport kernel-tcp wants it. */
public final class SecretFile {
  private SecretFile() {}

  /** Makes one in a directory that has none yet; nobody but its owner may read it. */
  public static Path in(Path directory) throws IOException {
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Path file = Files.createFile(directory.resolve("secret"), owner);
    return Files.writeString(file, "what the two hosts share");
  }
}
