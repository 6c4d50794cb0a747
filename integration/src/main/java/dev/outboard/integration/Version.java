package dev.outboard.integration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build. Called by the command line, the banner and the API. */
public final class Version {
  private Version() {}

  /** As in the POM. */
  public static String text() {
    try (InputStream in = Version.class.getResourceAsStream("/dev/outboard/version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
