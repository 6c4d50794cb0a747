package dev.outboard.integration.runtime;

import dev.outboard.integration.UserException;
import dev.outboard.integration.config.Plan;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The directory with everything that a daemon must find again after it was killed. Nobody else may
 * enter it, and one daemon owns it at a time. Claimed and released by the daemon, on one thread.
 *
 * <pre>
 *   lock             see LockFile
 *   guests/ID.json   see DeclaredGuests
 *   uplinks/ID.json  see DeclaredUplinks
 *   remotes/ID.json  see DeclaredRemotes
 *   ways/KIND-ID.json  see SwappedWays
 *   hand-over        the socket on which the daemon waits for one that takes over
 * </pre>
 */
public final class RuntimeDirectory {
  private static final Set<PosixFilePermission> OURS_ALONE =
      PosixFilePermissions.fromString("rwx------");

  private final Path path;
  private final LockFile lock;

  @Inject
  RuntimeDirectory(Plan plan) {
    this(plan.runtimeDirectory());
  }

  RuntimeDirectory(Path path) {
    this.path = path;
    lock = new LockFile(path.resolve("lock"));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Where a daemon waits for one that takes over. */
  public Path handOver() {
    return path.resolve("hand-over");
  }

  Path uplinks() {
    return path.resolve("uplinks");
  }

  Path remotes() {
    return path.resolve("remotes");
  }

  Path ways() {
    return path.resolve("ways");
  }

  Path guests() {
    return path.resolve("guests");
  }

  /**
   * Makes the directory if need be and takes it.
   *
   * @throws UserException if another daemon has it, or it can't be used
   */
  public void claim() throws UserException {
    try {
      Files.createDirectories(path.getParent());
      makePrivate(path);
      if (!lock.take()) {
        throw new UserException(
            "the runtime directory %s is in use by %s; stop it, or set another runtime-directory"
                .formatted(path, lock.holder()));
      }
      makePrivate(guests());
      makePrivate(uplinks());
      makePrivate(remotes());
      makePrivate(ways());
    } catch (IOException e) {
      throw new UserException(
          "can't use the runtime directory %s: %s; set another runtime-directory"
              .formatted(path, e),
          e);
    }
  }

  private static void makePrivate(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OURS_ALONE));
    }
    // Throws if it is another user's.
    Files.setPosixFilePermissions(directory, OURS_ALONE);
  }

  /** Whether the daemon that had it before was killed, so that its guests wait for a new one. */
  public boolean isAfterKill() {
    return lock.isAfterKill();
  }

  /** Lets the next daemon have it; what is declared stays. Harmless if it was not claimed. */
  public void release() {
    try {
      lock.release();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
