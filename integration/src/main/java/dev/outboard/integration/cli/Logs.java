package dev.outboard.integration.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/** Sets the JDK's logging: one line a record, on stderr. Called once, by the daemon's command. */
final class Logs {
  private static final String SETTINGS =
      """
      handlers = java.util.logging.ConsoleHandler
      .level = INFO
      org.eclipse.jetty.level = WARNING
      java.util.logging.SimpleFormatter.format = %1$tT %4$s: %5$s%6$s%n
      """;

  private Logs() {}

  static void configure() {
    try {
      LogManager.getLogManager()
          .readConfiguration(new ByteArrayInputStream(SETTINGS.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
