package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** Files that settings name: whatever is wrong with one is a line that names setting and file. */
final class SettingFile {
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private SettingFile() {}

  /** What it holds, which is so many bytes at most. */
  static byte[] read(String setting, String file, int most) throws TransportException {
    try {
      Path path = Path.of(file);
      if (!Files.isRegularFile(path) || Files.size(path) > most) {
        throw new TransportException(
            "%s: %s is no file of %d bytes at most".formatted(setting, file, most));
      }
      return Files.readAllBytes(path);
    } catch (IOException | InvalidPathException e) {
      throw unreadable(setting, file, e);
    }
  }

  /** Refuses one that others than its owner may read or change. */
  static void refuseIfOthersMay(String setting, String file) throws TransportException {
    try {
      if (Files.getPosixFilePermissions(Path.of(file)).stream().anyMatch(OTHERS::contains)) {
        throw new TransportException(
            "%s: others may read or change %s; chmod 600 it".formatted(setting, file));
      }
    } catch (IOException | InvalidPathException e) {
      throw unreadable(setting, file, e);
    }
  }

  private static TransportException unreadable(String setting, String file, Exception why) {
    return new TransportException(
        "%s: can't read '%s'".formatted(setting, file.replaceAll("\\p{Cntrl}", "?")), why);
  }
}
