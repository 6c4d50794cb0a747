package dev.outboard.integration.daemon;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line says of a run.
 *
 * @param config the file; without one, defaults
 * @param socket where the API listens
 * @param socketIsFixed whether the user named it, so that it wins over the file
 */
public record RunSettings(Optional<Path> config, Path socket, boolean socketIsFixed) {}
