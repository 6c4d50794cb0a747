package dev.outboard.integration.rest;

import dev.outboard.integration.UserException;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.runtime.LockFile;
import dev.outboard.integration.wire.Names;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The file of the API's socket. A lock beside it (taken back by the kernel when its holder dies)
 * says that a daemon owns the path. The socket is made inside a directory that only we may enter,
 * gets its permissions there and is then renamed into place: so it never stands open, and it takes
 * the place of one that a killed daemon left behind, in one step.
 */
public final class ApiSocket {
  private final Path path;
  private final int mode;
  private final Path privateDirectory;
  private final LockFile lock;

  @Inject
  ApiSocket(Plan plan) {
    this.path = plan.api().socket();
    this.mode = plan.api().mode();
    this.lock = new LockFile(path.resolveSibling(path.getFileName() + ".lock"));
    this.privateDirectory = path.resolveSibling("." + ProcessHandle.current().pid());
  }

  /** Where clients find it. */
  public Path path() {
    return path;
  }

  /** Where the server shall bind. */
  Path privatePath() {
    return privateDirectory.resolve("s");
  }

  /**
   * Takes the path, before anything else is started.
   *
   * @throws UserException if another daemon has it
   */
  public void claim() throws UserException {
    try {
      Files.createDirectories(path.getParent());
      if (!lock.take()) {
        throw taken(lock.holder());
      }
      refuseStranger();
      makePrivateDirectory();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Makes ready to take the path over from a daemon that has it. */
  public void prepare() throws UserException {
    try {
      makePrivateDirectory();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Has the path, which its daemon has given up, and shows who listens to {@link #prepare}. */
  public void takeOver() throws UserException {
    try {
      if (!lock.take()) {
        throw taken(lock.holder());
      }
    } catch (IOException e) {
      throw failure(e);
    }
    publish();
  }

  /** Gives the path up to another process, which will put its own socket there. */
  public void giveUp() throws IOException {
    lock.release();
  }

  private void makePrivateDirectory() throws IOException {
    Files.deleteIfExists(privatePath());
    Files.deleteIfExists(privateDirectory);
    Files.createDirectory(
        privateDirectory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private UserException failure(IOException e) {
    return e instanceof AccessDeniedException denied
        ? new UserException(
            "may not write to "
                + denied.getFile()
                + ": run as root or choose another API socket with --api PATH",
            e)
        : new UserException("can't make the API socket " + path + ": " + e.getMessage(), e);
  }

  void publish() throws UserException {
    try {
      Files.setAttribute(privatePath(), "unix:mode", mode);
      Files.move(
          privatePath(), path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(privateDirectory);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Removes the socket if it is ours. */
  public void release() {
    try {
      if (lock.isHeld()) {
        Files.deleteIfExists(path);
      }
      Files.deleteIfExists(privatePath());
      Files.deleteIfExists(privateDirectory);
      lock.release();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void refuseStranger() throws IOException, UserException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int type = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0170000;
    if (type != 0140000) {
      throw new UserException(
          path + " is there and is not a socket; move it away or use --api PATH");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
      throw taken("another program");
    } catch (ConnectException e) {
      // nobody listens: left behind by a daemon that was killed
    }
  }

  private UserException taken(String holder) {
    return new UserException(
        path + " is in use by " + holder + "; stop it or choose another socket with --api PATH");
  }

  @Override
  public String toString() {
    return path + " " + Names.octal(mode);
  }
}
