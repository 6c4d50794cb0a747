package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.lab.AuthorRepository;
import dev.outboard.lab.Namespace;
import dev.outboard.linux.Processes;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sample of a third party's transport, built as its author does and loaded while two daemons
 * run; and the same once more on another Netty, so that classes of the same names and different
 * contents are in one process. Both carry traffic at the same time as our own ring does.
 */
@Timeout(240)
@SideBySide
final class ThirdPartySampleTest {
  private static final Path ROOT = Path.of(System.getProperty("outboard.root"));
  private static final Path SAMPLE = ROOT.resolve("samples/transport-iouring-incubator");
  private static final String RINGS = "src/main/java/com/example/outboard/incubator/Rings.java";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int FRAMES = 2_000;
  private static final int WINDOW = 16;
  private static final int LENGTH = 1_200;

  /**
   * An uplink's name, its first guest, its transport and what its setting for the own address
   * needs.
   */
  private enum Way {
    OURS(1, "iouring", "address", ""),
    SAMPLE(3, "iouring-incubator", "local", ":7000"),
    NETTY(5, "iouring-netty", "local", ":7001");

    private final int firstGuest;
    final String transport;
    final String setting;
    final String port;

    Way(int firstGuest, String transport, String setting, String port) {
      this.firstGuest = firstGuest;
      this.transport = transport;
      this.setting = setting;
      this.port = port;
    }

    String endpoint(int host) {
      return "127.0.0." + (host + 2) + port;
    }

    int guest(int host) {
      return firstGuest + host;
    }
  }

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void carriesTrafficBesideAnotherNettyAndOurOwnRing() throws Exception {
    assumeTrue(Processes.isRoot(), "a network namespace needs root");
    Map<String, Path> plugins = buildPlugins();
    Namespace network = opened(Namespace.create());
    List<Sidecar> hosts = new ArrayList<>();
    for (int host = 0; host < 2; host++) {
      Path folder = Files.createDirectory(directory.resolve("host" + host));
      hosts.add(opened(new Sidecar(folder, network, "networks: [{id: 1, mtu: 1400}]\n")));
      for (Map.Entry<String, Path> plugin : plugins.entrySet()) {
        copy(plugin.getValue(), folder.resolve("plugins").resolve(plugin.getKey()));
        hosts.get(host).outboard("plugins", "load", plugin.getKey());
      }
    }
    List<VhostUserGuest> guests = new ArrayList<>();
    for (Way way : Way.values()) {
      for (int host = 0; host < 2; host++) {
        guests.add(connect(hosts.get(host), way, host));
      }
    }
    List<FrameCheck> arrived = exchange(guests);
    for (FrameCheck check : arrived) {
      assertEquals(FRAMES, check.frames());
      assertEquals(0, check.lost() + check.late() + check.corrupt());
    }
    for (Sidecar host : hosts) {
      for (JsonNode uplink : host.stats().path("uplinks")) {
        assertTrue(uplink.path("sent_frames").asLong() >= FRAMES, uplink.toPrettyString());
        assertEquals("", uplink.path("failure").asText(), uplink.toPrettyString());
      }
      assertEquals(0, host.terminate());
    }
  }

  private Map<String, Path> buildPlugins() throws Exception {
    Path incubator = directory.resolve("incubator");
    copy(SAMPLE, incubator);
    Path other = directory.resolve("netty");
    copy(SAMPLE, other);
    Path lab = ROOT.resolve("integration/src/test/lab/netty-4.2/Rings.java");
    Files.copy(lab, other.resolve(RINGS), StandardCopyOption.REPLACE_EXISTING);
    Path pom = other.resolve("pom.xml");
    Files.writeString(
        pom,
        Files.readString(pom)
            .replace("io.netty.incubator", "io.netty")
            .replace("netty-incubator-transport", "netty-transport")
            .replace("0.0.26.Final", "4.2.18.Final"));
    Map<String, Path> plugins = new TreeMap<>();
    try (AuthorRepository repository = AuthorRepository.create(directory.resolve("m2"))) {
      Callable<Void> second =
          () -> {
            repository.maven(other, "-q", "package", "-Dmaven.test.skip");
            return null;
          };
      FutureTask<Void> meanwhile = new FutureTask<>(second);
      Thread builder = Thread.ofPlatform().start(meanwhile);
      repository.maven(incubator, "-q", "package"); // the kit runs here
      builder.join();
      meanwhile.get();
    }
    plugins.put("incubator", incubator.resolve("target/plugin"));
    plugins.put("netty", other.resolve("target/plugin"));
    return plugins;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        Path relative = from.relativize(file);
        if (!relative.startsWith("target")) {
          Path copy = to.resolve(relative);
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
  }

  /** A guest on one host, and on that host the way to the guest on the other. */
  private VhostUserGuest connect(Sidecar host, Way way, int number)
      throws IOException, InterruptedException {
    String name = way.name().toLowerCase(Locale.ROOT);
    int near = way.guest(number);
    int far = way.guest(1 - number);
    host.outboard(
        "uplinks",
        "open",
        name,
        "--transport",
        way.transport,
        "--set",
        way.setting + "=127.0.0." + (number + 2) + way.port);
    host.outboard(
        "remotes",
        "put",
        name,
        "--mac",
        mac(far),
        "--ip",
        ip(far),
        "--uplink",
        name,
        "--endpoint",
        way.endpoint(1 - number));
    Path socket = host.attach(name + "-guest", "--mac", mac(near), "--ip", ip(near));
    VhostUserGuest guest =
        VhostUserGuest.start(
            name + number, GuestOptions.DEFAULT, VhostUserFrontend.connect(socket, PATIENCE));
    return opened(guest);
  }

  private static String mac(int guest) {
    return "02:00:00:00:00:0" + guest;
  }

  private static String ip(int guest) {
    return "10.0.0." + guest;
  }

  /** Every guest sends to its other one, all at the same time. */
  private static List<FrameCheck> exchange(List<VhostUserGuest> guests) {
    int count = guests.size();
    List<FrameTemplate> templates = new ArrayList<>();
    List<FrameCheck> checks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      templates.add(FrameTemplate.raw(endpoint(1 + i), endpoint(1 + (i ^ 1)), LENGTH));
      checks.add(new FrameCheck(templates.get(i)));
    }
    long[] sent = new long[count];
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (checks.stream().anyMatch(check -> check.frames() < FRAMES)) {
      assertTrue(System.nanoTime() < deadline, () -> "frames are missing: " + arrived(checks));
      for (int i = 0; i < count; i++) {
        if (sent[i] < FRAMES && sent[i] - checks.get(i).frames() < WINDOW) {
          sent[i] += guests.get(i).send(templates.get(i), sent[i], 1);
        }
        int _ = guests.get(i ^ 1).receive(checks.get(i), WINDOW);
      }
    }
    return checks;
  }

  private static String arrived(List<FrameCheck> checks) {
    return checks.stream().map(FrameCheck::frames).toList() + " of " + FRAMES;
  }

  private static Endpoint endpoint(int guest) {
    return Endpoint.of(mac(guest), ip(guest));
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }
}
