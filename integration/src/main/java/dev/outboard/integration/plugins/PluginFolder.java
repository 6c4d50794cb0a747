package dev.outboard.integration.plugins;

import dev.outboard.spi.SpiVersion;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * What can be said of a plugin's folder without running anything of it: its jars, and the one
 * provider that they name.
 *
 * @param jars all of them, by name
 * @param provider the name of its class
 * @param version the SPI version that the provider was built for
 */
record PluginFolder(String name, List<Path> jars, Kind kind, String provider, SpiVersion version) {

  /** A line of a service file. */
  private record Entry(Path jar, Kind kind, String provider) {}

  /**
   * Looks into a folder.
   *
   * @throws PluginRefusedException if it is not that of a plugin for this sidecar
   */
  static PluginFolder read(Path folder) throws PluginRefusedException {
    List<Path> jars = jars(folder);
    List<Entry> entries = new ArrayList<>();
    SpiVersion version = null;
    for (Path jar : jars) {
      try (JarFile file = new JarFile(jar.toFile())) {
        List<Entry> found = entries(jar, file);
        if (!found.isEmpty()) {
          version = version(jar, file.getManifest());
        }
        entries.addAll(found);
      } catch (IOException | SecurityException e) {
        throw new PluginRefusedException(
            "%s is not a readable jar (%s); copy it again"
                .formatted(jar.getFileName(), Lines.one(e.getMessage())),
            e);
      }
    }
    if (entries.isEmpty()) {
      throw new PluginRefusedException(
          "none of its jars has a service file, for example %s; is it only the dependencies?"
              .formatted(Kind.TRANSPORT.serviceFile()));
    }
    if (entries.size() > 1) {
      Entry one = entries.get(0);
      Entry other = entries.get(1);
      throw new PluginRefusedException(
          "it has two providers, %s in %s and %s in %s; make a folder for each"
              .formatted(
                  one.provider, one.jar.getFileName(), other.provider, other.jar.getFileName()));
    }
    Entry only = entries.getFirst();
    return new PluginFolder(
        folder.getFileName().toString(), jars, only.kind, only.provider, version);
  }

  /** Where its classes are. */
  URL[] urls() throws IOException {
    URL[] urls = new URL[jars.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = jars.get(i).toUri().toURL();
    }
    return urls;
  }

  private static List<Path> jars(Path folder) throws PluginRefusedException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(folder)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
      checkPrivate(folder);
      for (Path jar : jars) {
        checkPrivate(jar);
      }
    } catch (IOException e) {
      throw new PluginRefusedException("can't read " + folder + ": " + e.getMessage(), e);
    }
    if (jars.isEmpty()) {
      throw new PluginRefusedException("there is no jar in " + folder + "; copy it there");
    }
    return jars;
  }

  /** Who can write there could have the daemon run anything. */
  private static void checkPrivate(Path file) throws IOException, PluginRefusedException {
    if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new PluginRefusedException(
          "everybody can write to %s, and so run code in the daemon; chmod o-w it".formatted(file));
    }
  }

  private static List<Entry> entries(Path jar, JarFile file) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Kind kind : Kind.all()) {
      ZipEntry service = file.getEntry(kind.serviceFile());
      if (service == null) {
        continue;
      }
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(file.getInputStream(service), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          int comment = line.indexOf('#');
          String provider = (comment < 0 ? line : line.substring(0, comment)).strip();
          if (!provider.isEmpty()) {
            entries.add(new Entry(jar, kind, provider));
          }
        }
      }
    }
    return entries;
  }

  private static SpiVersion version(Path jar, Manifest manifest) throws PluginRefusedException {
    Attributes attributes = manifest == null ? new Attributes() : manifest.getMainAttributes();
    String text = attributes.getValue(SpiVersion.MANIFEST_ATTRIBUTE);
    if (text == null) {
      throw new PluginRefusedException(
          "the manifest of %s does not say for which SPI it was built; it needs the line '%s: %s'"
              .formatted(jar.getFileName(), SpiVersion.MANIFEST_ATTRIBUTE, SpiVersion.CURRENT));
    }
    SpiVersion version;
    try {
      version = SpiVersion.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new PluginRefusedException(
          "the manifest of %s: %s: %s"
              .formatted(jar.getFileName(), SpiVersion.MANIFEST_ATTRIBUTE, e.getMessage()),
          e);
    }
    if (!version.isUsableBy(SpiVersion.current())) {
      throw new PluginRefusedException(
          "%s was built for SPI %s, this sidecar has %s; get one that was built for %s"
              .formatted(jar.getFileName(), version, SpiVersion.CURRENT, SpiVersion.CURRENT));
    }
    return version;
  }
}
