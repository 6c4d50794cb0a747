package dev.outboard.integration.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.GuideBlocks;
import dev.outboard.integration.UserException;
import dev.outboard.spi.Availability;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each configuration that docs/compose.md shows is one that the daemon takes. */
final class ComposeGuideTest {
  @TempDir private Path directory;

  static Stream<String> configurations() throws IOException {
    return GuideBlocks.of("compose.md", "yaml").stream();
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void aConfigurationOfTheGuideIsTaken(String yaml) throws UserException, IOException {
    Files.createDirectories(directory.resolve("plugins"));
    Path file = Files.writeString(directory.resolve("c.yaml"), yaml);
    Plan plan = ConfigFile.read(file, new Planner(installed(), directory.resolve("s"), false));
    assertTrue(PlanView.of(plan).lines().size() >= 3);
    assertEquals(directory.resolve("plugins"), ConfigFile.plugins(file));
  }

  @Test
  void theGuideShowsEachPartOfAStack() throws IOException {
    String all = String.join("\n", configurations().toList());
    for (String key :
        List.of(
            "guests",
            "networks",
            "isolation",
            "notifier",
            "uplinks",
            "remotes",
            "routes",
            "plugins")) {
      assertTrue(all.contains("\n" + key + ":") || all.startsWith(key + ":"), key);
    }
  }

  /** What this build has, usable here or not, and the plugin that the guide names. */
  private static Installed installed() {
    Map<String, TransportProvider> transports = new HashMap<>();
    for (TransportProvider each : ServiceLoader.load(TransportProvider.class)) {
      TransportProvider usable =
          new TestTransport(each.name(), Availability.yes(), each.settings());
      transports.put(each.name(), usable);
    }
    transports.put("carrier", new TestTransport("carrier", Availability.yes()));
    Map<String, IsolationPolicy> policies = new HashMap<>();
    ServiceLoader.load(IsolationPolicy.class).forEach(each -> policies.put(each.name(), each));
    return new Installed(
        transports, policies, List.of(new TestNotifier("epoll", Availability.yes())));
  }
}
