package dev.outboard.integration.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.EngineSettings;
import dev.outboard.integration.config.Installed;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.TransportProvider;
import dev.outboard.transport.tuntap.TuntapProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each way to be a bad plugin, and the one line that its owner reads. */
final class BadPluginsTest {
  private static final Duration DEADLINE = Duration.ofMillis(300);
  private static final String PROVIDER = "third.party.Bad";

  @TempDir private Path plugins;
  private Installed installed;
  private Plugins loader;

  @BeforeEach
  void nothingLoaded() {
    installed =
        new Installed(
            Map.of("tuntap", new TuntapProvider()),
            Map.of("shared", new Shared()),
            List.of(Engine.epoll()));
    loader = new Plugins(Optional.of(plugins), installed, DEADLINE);
  }

  /** Makes a folder. */
  private interface Maker {
    void make(Path folder) throws IOException;
  }

  /** A provider that works, but for what is replaced in it. */
  static PluginBuilder provider(String from, String to) {
    String text =
        """
        package third.party;

        import dev.outboard.spi.*;
        import java.util.List;

        public class Bad implements TransportProvider {
          public Bad() {}
          @Override public String name() { return "bad"; }
          @Override public Availability probe() { return Availability.yes(); }
          @Override public List<Setting> settings() { return List.of(); }
          @Override public Transport open(TransportContext context) throws TransportException {
            return transport();
          }
          static Transport transport() {
            return new Transport() {
              @Override public Capabilities capabilities() {
                return Capabilities.shared(1500, 64);
              }
              @Override public void close() {}
            };
          }
        }
        """;
    if (!text.contains(from)) {
      throw new IllegalArgumentException(from);
    }
    return new PluginBuilder()
        .source(PROVIDER, text.replace(from, to))
        .service(TransportProvider.class, PROVIDER);
  }

  private static PluginBuilder good() {
    return provider("", "");
  }

  private static Maker jar(PluginBuilder builder) {
    return folder -> builder.write(folder.resolve("bad.jar"));
  }

  static final String HANG =
      "for (;;) { java.util.concurrent.locks.LockSupport.park(); Thread.interrupted(); }";

  private static Maker inProbe(String body) {
    return jar(provider("return Availability.yes();", body));
  }

  @TestFactory
  List<DynamicTest> aBadPluginIsRefusedWithOneLine() {
    return List.of(
        bad("no jar", Files::createDirectories, "there is no jar in "),
        bad(
            "not a jar",
            folder -> {
              Files.createDirectories(folder);
              Files.writeString(folder.resolve("bad.jar"), "not a jar");
            },
            "bad.jar is not a readable jar ("),
        bad(
            "no service file",
            jar(new PluginBuilder()),
            "none of its jars has a service file, for example META-INF/services/dev.outboard.spi."),
        bad(
            "no version",
            jar(good().spiVersion(null)),
            "the manifest of bad.jar does not say for which SPI it was built; it needs the line"
                + " 'Outboard-Spi-Version: "),
        bad(
            "unreadable version",
            jar(good().spiVersion("new")),
            "the manifest of bad.jar: Outboard-Spi-Version: not an SPI version: 'new', write it"),
        bad(
            "another version",
            jar(good().spiVersion("0.1")),
            "bad.jar was built for SPI 0.1, this sidecar has "),
        bad(
            "two providers in a file",
            jar(good().service(TransportProvider.class, PROVIDER, "third.party.Worse")),
            "it has two providers, third.party.Bad in bad.jar and third.party.Worse in bad.jar;"),
        bad(
            "two jars with providers",
            folder -> {
              good().write(folder.resolve("bad.jar"));
              good().write(folder.resolve("other.jar"));
            },
            "it has two providers, third.party.Bad in bad.jar and third.party.Bad in other.jar;"),
        bad(
            "missing class",
            jar(new PluginBuilder().service(TransportProvider.class, "third.party.Gone")),
            "its service file names third.party.Gone, which is in none of its jars"),
        bad(
            "not a provider",
            jar(provider("implements TransportProvider", "").replace("@Override ", "")),
            "third.party.Bad does not implement dev.outboard.spi.TransportProvider"),
        bad(
            "no public constructor",
            jar(provider("public Bad() {}", "Bad() {}")),
            "third.party.Bad must be a public class with a public constructor without parameters"),
        bad(
            "constructor throws",
            jar(
                provider(
                    "public Bad() {}", "public Bad() { throw new RuntimeException(\"no\"); }")),
            "its constructor threw java.lang.RuntimeException: no"),
        bad(
            "constructor hangs",
            jar(provider("public Bad() {}", "public Bad() { " + HANG + " }")),
            "its constructor has not returned within 0.3 s"),
        bad(
            "static part throws",
            jar(provider("public Bad() {}", "static final int N = Integer.parseInt(\"x\");")),
            "the static part of a class threw java.lang.NumberFormatException"),
        bad(
            "missing dependency",
            jar(
                provider(
                    "public Bad() {}",
                    "public Bad() { com.google.inject.Guice.class.getName(); }")),
            "a class is missing, com.google.inject.Guice: it is in none of its jars"),
        bad(
            "name of a built-in one",
            jar(provider("return \"bad\";", "return \"tuntap\";")),
            "its transport is named 'tuntap', which a built-in one has; one of the two needs"),
        bad(
            "name is null",
            jar(provider("return \"bad\";", "return null;")),
            "name() gives 'null', which is not a"),
        bad(
            "name is nonsense",
            jar(provider("return \"bad\";", "return \"a b\\nc\";")),
            "name() gives 'a b', which is not a"),
        bad(
            "settings are null",
            jar(provider("return List.of();", "return null;")),
            "settings() gives null"),
        bad(
            "a setting without a good default",
            jar(
                provider(
                    "return List.of();",
                    "return List.of(new Setting(\"n\", Setting.Type.NUMBER, \"x\", \"\"));")),
            "settings(): 'n' needs a type, a"),
        bad(
            "probe throws",
            inProbe("throw new IllegalArgumentException(\"one\\ntwo\");"),
            "probe() threw java.lang.IllegalArgumentException: one"),
        bad(
            "probe throws an error",
            inProbe("throw new StackOverflowError();"),
            "probe() threw java.lang.StackOverflowError"),
        bad(
            "what is thrown throws",
            inProbe(
                "throw new RuntimeException() { @Override public String toString() {"
                    + " throw new Error(); } };"),
            "probe() threw third.party.Bad$1"),
        bad("probe hangs", inProbe(HANG), "probe() has not returned within 0.3 s"),
        bad("probe gives null", inProbe("return null;"), "probe() gives null"),
        bad(
            "everybody can write",
            folder -> {
              good().write(folder.resolve("bad.jar"));
              Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            },
            "everybody can write to "));
  }

  private DynamicTest bad(String what, Maker maker, String line) {
    return DynamicTest.dynamicTest(
        what,
        () -> {
          String name = what.replace(' ', '-');
          maker.make(plugins.resolve(name));
          PluginException e = assertThrows(PluginException.class, () -> loader.load(name));
          String expected = "plugin '" + name + "': " + line;
          assertEquals(expected, e.getMessage().substring(0, expected.length()));
          assertEquals(1, e.getMessage().lines().count());
          assertEquals(PluginException.Kind.REFUSED, e.kind());
          assertEquals(1, installed.transports().size());
          assertTrue(
              loader.list().stream()
                  .anyMatch(p -> p.name().equals(name) && p.state().equals("refused")));
        });
  }

  @Test
  void aNameThatIsNoneAndAFolderThatIsNotThere() throws Exception {
    Files.createDirectories(plugins.resolve("here"));
    assertEquals(
        "plugin '../x' is not a name: use up to 63 letters, digits, '.', '_' and '-'",
        assertThrows(PluginException.class, () -> loader.load("../x")).getMessage());
    assertEquals(
        "there is no folder 'there' in " + plugins + "; there are: here",
        assertThrows(PluginException.class, () -> loader.load("there")).getMessage());
  }

  @Test
  void aRefusedOneIsLoadedOnceItIsPutRightAndNotTwice() throws Exception {
    inProbe("return null;").make(plugins.resolve("bad"));
    assertThrows(PluginException.class, () -> loader.load("bad"));
    jar(good()).make(plugins.resolve("bad"));
    assertEquals("loaded", loader.load("bad").state());
    assertEquals(Optional.of("bad"), installed.plugin("bad"));
    assertEquals(
        "plugin 'bad' is loaded already; a changed one is used when the daemon starts again",
        assertThrows(PluginException.class, () -> loader.load("bad")).getMessage());
  }

  /** What {@code open()} and the calls after it do wrong, and what the opener is told. */
  @Test
  void whatFailsLaterFailsInOneLineWhileTheEngineGoesOn() throws Exception {
    Map<String, String> opens =
        Map.of(
            "throw new IllegalStateException(\"no\");",
            "plugin 'x0': open() threw java.lang.IllegalStateException: no",
            "throw new TransportException(\"the card is missing\");",
            "the card is missing",
            "throw new NoClassDefFoundError(\"a/B\");",
            "plugin 'x0': open() threw java.lang.NoClassDefFoundError: a/B",
            "return null;",
            "plugin 'x0': open() gives null",
            HANG,
            "plugin 'x0': open() has not returned within 0.3 s");
    try (Engine engine =
        Engine.start(EngineSettings.defaults(), new Shared(), Engine.epoll(), line -> {})) {
      int n = 0;
      for (Map.Entry<String, String> open : opens.entrySet()) {
        String name = "x" + n++;
        TransportProvider provider = load(name, "return transport();", open.getKey());
        assertFails(engine, provider, open.getValue().replace("x0", name));
      }
      TransportProvider hanging = load("hangs", "return transport();", HANG);
      assertFails(engine, hanging, "plugin 'hangs': open() has not returned within 0.3 s");
      assertFails(
          engine,
          hanging,
          "plugin 'hangs': it is not used any more: its open() has not returned; restart the daemon"
              + " without it");
      assertEquals(List.of(), engine.uplinks());
    }
  }

  private TransportProvider load(String name, String from, String to) throws Exception {
    jar(provider(from, to).replace("return \"bad\";", "return \"" + name + "\";"))
        .make(plugins.resolve(name));
    loader.load(name);
    return installed.transports().get(name);
  }

  private static void assertFails(Engine engine, TransportProvider provider, String line) {
    EngineException e =
        assertThrows(EngineException.class, () -> engine.openUplink("up", provider, Map.of()));
    assertEquals("uplink 'up': " + line, e.getMessage());
  }
}
