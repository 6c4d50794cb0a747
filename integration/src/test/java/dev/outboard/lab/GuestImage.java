package dev.outboard.lab;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/**
 * Where test guests boot from: Debian's cloud kernel and an initramfs with the tools that measure.
 * Both are unmodified distribution files, because the project's claim is that guests need no
 * change. The script {@code build-image.sh} makes them, once per machine.
 */
record GuestImage(Path kernel, Path initrd) {
  private static GuestImage built;

  /** The image, built on first use. */
  static synchronized GuestImage get() {
    if (built == null) {
      Path script = Lab.root().resolve("integration/src/test/lab/build-image.sh");
      Properties paths = new Properties();
      try {
        paths.load(
            new StringReader(Processes.run(Duration.ofMinutes(3), List.of(script.toString()))));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      GuestImage image =
          new GuestImage(
              Path.of(paths.getProperty("kernel")), Path.of(paths.getProperty("initrd")));
      if (!Files.isReadable(image.kernel) || !Files.isReadable(image.initrd)) {
        throw new IllegalStateException(script + " built nothing readable: " + image);
      }
      built = image;
    }
    return built;
  }
}
