package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.daemon.RunSettings;
import dev.outboard.integration.rest.ApiClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that says which daemon is meant. Mixed into every command that needs one. */
final class ApiOption {
  @Option(
      names = "--api",
      paramLabel = "PATH",
      description =
          "The daemon's API socket (default: /run/outboard/api.sock as root, else"
              + " $XDG_RUNTIME_DIR/outboard/api.sock).")
  private Path given;

  boolean isGiven() {
    return given != null;
  }

  Path path() throws UserException {
    if (given != null) {
      return given.toAbsolutePath().normalize();
    }
    if (isRoot()) {
      return Path.of("/run/outboard/api.sock");
    }
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime == null || !runtime.startsWith("/")) {
      throw UserException.input(
          "where is the daemon's API socket? XDG_RUNTIME_DIR is not set: use --api PATH", null);
    }
    return Path.of(runtime, "outboard", "api.sock");
  }

  /** This option, but with a path for users of whom it is not known where theirs is. */
  ApiOption orElse(Path fallback) throws UserException {
    if (given == null && !isRoot() && System.getenv("XDG_RUNTIME_DIR") == null) {
      ApiOption other = new ApiOption();
      other.given = fallback;
      return other;
    }
    return this;
  }

  /** A run with this socket and that configuration file, or none (null). */
  RunSettings settings(Path config) throws UserException {
    return settings(config, null);
  }

  /** The same with a directory for plugins, or the usual one (null). */
  RunSettings settings(Path config, Path plugins) throws UserException {
    return new RunSettings(
        Optional.ofNullable(config), path(), isGiven(), Optional.ofNullable(plugins));
  }

  ApiClient connect() throws UserException {
    return new ApiClient(path());
  }

  private static boolean isRoot() throws UserException {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    } catch (IOException e) {
      throw new UserException("can't read /proc/self: " + e.getMessage(), e);
    }
  }
}
