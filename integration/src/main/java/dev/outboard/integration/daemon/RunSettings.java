package dev.outboard.integration.daemon;

import dev.outboard.integration.UserException;
import dev.outboard.integration.config.ConfigFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line says of a run.
 *
 * @param config the file; without one, defaults
 * @param socket where the API listens
 * @param socketIsFixed whether the user named it, so that it wins over the file
 * @param plugins the directory with the plugins, which wins over the file
 */
public record RunSettings(
    Optional<Path> config, Path socket, boolean socketIsFixed, Optional<Path> plugins) {
  /** Plugins are where the configuration says. */
  public RunSettings(Optional<Path> config, Path socket, boolean socketIsFixed) {
    this(config, socket, socketIsFixed, Optional.empty());
  }

  /** The directory with the plugins, if there is one. */
  Optional<Path> pluginDirectory() throws UserException {
    if (plugins.isPresent()) {
      Path given = plugins.get().toAbsolutePath().normalize();
      if (!Files.isDirectory(given)) {
        throw UserException.input("--plugins: there is no directory " + given, null);
      }
      return Optional.of(given);
    }
    return config.isPresent() ? Optional.of(ConfigFile.plugins(config.get())) : Optional.empty();
  }
}
