package dev.outboard.integration.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.config.Installed;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plugin sees of the sidecar and of other plugins, and what the sidecar makes of it. */
final class PluginIsolationTest {
  /** A provider whose setting's default is what an expression of its own code gives. */
  private static final String PROVIDER =
      """
      package third.party;

      import dev.outboard.spi.*;
      import java.util.List;

      public class Provider implements TransportProvider {
        @Override public String name() { return "NAME"; }
        @Override public Availability probe() { return Availability.yes(); }
        @Override public List<Setting> settings() {
          return List.of(new Setting("seen", Setting.Type.TEXT, EXPRESSION, "What it sees."));
        }
        @Override public Transport open(TransportContext context) throws TransportException {
          throw new TransportException("not today");
        }
        static String find(String name) {
          try {
            return Class.forName(name).getSimpleName();
          } catch (ClassNotFoundException e) {
            return "none";
          }
        }
        static int services() {
          int count = 0;
          for (TransportProvider each : java.util.ServiceLoader.load(TransportProvider.class)) {
            count += each.getClass() == Provider.class ? 1 : 100;
          }
          return count;
        }
      }
      """;

  @TempDir private Path folder;
  private Path plugins;
  private Installed installed;
  private Plugins loader;

  @BeforeEach
  void nothingLoaded() throws IOException {
    plugins = Files.createDirectories(folder.resolve("plugins"));
    installed = new Installed(Map.of(), Map.of(), List.of());
    loader = new Plugins(Optional.of(plugins), installed, Plugins.DEADLINE);
  }

  private static PluginBuilder provider(String name, String expression) {
    return new PluginBuilder()
        .source(
            "third.party.Provider",
            PROVIDER.replace("NAME", name).replace("EXPRESSION", expression))
        .service(TransportProvider.class, "third.party.Provider");
  }

  private String seen(String name) {
    Setting setting = installed.transports().get(name).settings().getFirst();
    return setting.defaultValue();
  }

  private String sees(String expression) throws Exception {
    provider("looks", expression).write(plugins.resolve("looks/provider.jar"));
    loader.load("looks");
    return seen("looks");
  }

  @Test
  void eachHasItsOwnVersionOfALibrary() throws Exception {
    for (String version : List.of("v1", "v2")) {
      Path library = plugins.resolve(version + "/library.jar");
      new PluginBuilder()
          .spiVersion(null)
          .source(
              "third.library.Version",
              """
              package third.library;
              public class Version { public static String text() { return "%s"; } }
              """
                  .formatted(version))
          .write(library);
      provider(version, "third.library.Version.text()")
          .against(library)
          .write(plugins.resolve(version + "/provider.jar"));
    }
    loader.load("v1");
    loader.load("v2");
    assertEquals(List.of("v1", "v2"), List.of(seen("v1"), seen("v2")));
  }

  @Test
  void theSidecarsClassesAreOutOfSight() throws Exception {
    List<String> names =
        List.of(
            "com.google.inject.Guice",
            "org.eclipse.jetty.server.Server",
            "dev.outboard.engine.Engine",
            "dev.outboard.linux.EventFd",
            "dev.outboard.packet.Ethernet",
            "dev.outboard.transport.tuntap.TuntapProvider",
            "dev.outboard.integration.plugins.Plugins");
    StringBuilder expression = new StringBuilder("\"\"");
    for (String name : names) {
      assertEquals(name, Class.forName(name).getName());
      expression.append(" + find(\"" + name + "\")");
    }
    assertEquals("none".repeat(names.size()), sees(expression.toString()));
  }

  @Test
  void theSpiAndTheJdkAreSeen() throws Exception {
    assertEquals(
        "FrameBurstConnection",
        sees("find(\"dev.outboard.spi.FrameBurst\") + find(\"java.sql.Connection\")"));
  }

  @Test
  void serviceFilesAndResourcesOfTheSidecarAreOutOfSight() throws Exception {
    assertEquals(
        "1null",
        sees("services() + \"\" + Provider.class.getResource(\"/dev/outboard/openapi.yaml\")"));
  }

  @Test
  void aCopyOfTheSpiInAPluginIsNotUsed() throws Exception {
    provider("looks", "find(\"dev.outboard.spi.Setting\") + find(\"dev.outboard.spi.Extra\")")
        .source("dev.outboard.spi.Extra", "package dev.outboard.spi; public class Extra {}")
        .write(plugins.resolve("looks/provider.jar"));
    loader.load("looks");
    assertEquals("Settingnone", seen("looks"));
  }

  @Test
  void itsOwnLoaderIsTheThreadsWhileItIsAsked() throws Exception {
    assertEquals(
        "true",
        sees(
            "\"\" + (Thread.currentThread().getContextClassLoader()"
                + " == Provider.class.getClassLoader())"));
  }

  @Test
  void aPolicyThatComesLateIsForTheNextStart() throws Exception {
    new PluginBuilder()
        .source(
            "third.party.Policy",
            """
            package third.party;
            import dev.outboard.spi.IsolationPolicy;
            import java.util.List;
            public class Policy implements IsolationPolicy {
              @Override public String name() { return "lonely"; }
              @Override public int permanentWorkers(int limit) { return 1; }
              @Override public int place(Guest guest, List<Worker> workers) {
                throw new IllegalStateException("no place");
              }
              @Override public boolean mayMove(Guest guest, Worker worker) { return false; }
            }
            """)
        .service(IsolationPolicy.class, "third.party.Policy")
        .write(plugins.resolve("lonely/policy.jar"));
    loader.loadAll();
    assertEquals("loaded", loader.list().getFirst().state());
    Plugins later = new Plugins(Optional.of(plugins), empty(), Plugins.DEADLINE);
    Files.move(plugins.resolve("lonely"), folder.resolve("lonely"));
    later.loadAll();
    Files.move(folder.resolve("lonely"), plugins.resolve("lonely"));
    assertEquals("at-next-start", later.load("lonely").state());
    try (RunningDaemon daemon = start("isolation: lonely")) {
      RunningDaemon.Outcome attach = daemon.outboard("attach", "--id", "a");
      assertEquals(
          "outboard: isolation 'lonely': plugin 'lonely': place() threw"
              + " java.lang.IllegalStateException: no place\n",
          attach.err());
    }
  }

  private static Installed empty() {
    return new Installed(Map.of(), Map.of(), List.of());
  }

  private RunningDaemon start(String config) throws IOException {
    Path file = folder.resolve("outboard.yaml");
    Files.writeString(file, config + "\n");
    return new RunningDaemon(folder, "--config", file.toString());
  }

  @Test
  void aDaemonStartsWithoutABadPluginUnlessItNeedsIt() throws Exception {
    new PluginBuilder().write(plugins.resolve("bad/bad.jar"));
    String why = "none of its jars has a service file, for example ";
    try (RunningDaemon daemon = start("")) {
      assertTrue(
          daemon.lines().stream()
              .anyMatch(l -> l.startsWith("plugin bad: warning: refused: " + why)),
          daemon.lines().toString());
    }
    IOException e =
        assertThrows(IOException.class, () -> start("uplinks: {wan: {transport: bad}}").close());
    assertTrue(e.getMessage().contains("plugin 'bad' was refused: " + why), e.getMessage());
  }
}
