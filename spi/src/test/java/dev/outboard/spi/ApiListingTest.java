package dev.outboard.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No change of the API goes unseen: it is a change of {@code api/spi.txt}, too, which people read
 * when they review it. Whether it would break plugins, japicmp says at {@code mvn verify}. {@code
 * -Doutboard.api=rewrite} writes the listing anew.
 */
class ApiListingTest {
  private static final Path API = Path.of("api");

  @Test
  void theCommittedListingIsTheApi() throws IOException {
    Path listing = API.resolve("spi.txt");
    String now = ApiListing.now();
    if ("rewrite".equals(System.getProperty("outboard.api"))) {
      Files.writeString(listing, now);
    }
    assertEquals(
        Files.readString(listing),
        now,
        "the API has changed: read docs/spi.md, then write the listing anew by"
            + " mvn -pl spi test -Dtest=ApiListingTest -Doutboard.api=rewrite");
  }

  @Test
  void theVersionHasTheJarThatLaterOnesAreComparedWith() {
    assertTrue(
        Files.exists(API.resolve("spi-" + SpiVersion.CURRENT + ".jar")),
        "no jar of version "
            + SpiVersion.CURRENT
            + " in "
            + API
            + ": docs/spi.md says how to make it");
  }

  @Test
  void theClassesAreComparedWithEachJar() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    try (Stream<Path> files = Files.list(API)) {
      List<String> forgotten =
          files
              .map(file -> "/api/" + file.getFileName() + "<")
              .filter(jar -> jar.contains(".jar") && !pom.contains(jar))
              .toList();
      assertEquals(List.of(), forgotten, "jars that pom.xml has no execution of japicmp for");
    }
  }

  @Test
  void theManifestNamesTheVersion() throws IOException {
    String manifest = "<spi.version>" + SpiVersion.CURRENT + "</spi.version>";
    assertTrue(
        Files.readString(Path.of("pom.xml")).contains(manifest), "pom.xml lacks " + manifest);
  }
}
