package dev.outboard.engine;

import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestDevice;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A sidecar in this process with stand-in guests on real vhost-user sockets; for tests. */
final class TestHost implements AutoCloseable {
  static final int NETWORK = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  final Engine engine;
  final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final Path directory;
  private final List<GuestDevice> guests = new ArrayList<>();

  TestHost() throws Exception {
    this(EngineSettings.defaults(), new Shared());
  }

  TestHost(EngineSettings settings) throws Exception {
    this(settings, new Shared());
  }

  TestHost(EngineSettings settings, IsolationPolicy isolation) throws Exception {
    directory = Files.createTempDirectory("outboard-test");
    engine = Engine.start(settings, isolation, Engine.epoll(), problems::add);
  }

  /** A number's endpoint: MAC 52:54:00:00:00:n, address 10.0.0.n. */
  static Endpoint endpoint(int n) {
    return Endpoint.of("52:54:00:00:00:%02x".formatted(n), "10.0.0." + n);
  }

  GuestSpec spec(int n) {
    return spec(n, "acme");
  }

  /** It is offered packed rings, but a driver has to want them. */
  GuestSpec spec(int n, String tenant) {
    Endpoint endpoint = endpoint(n);
    return new GuestSpec(
            "g" + n,
            tenant,
            NETWORK,
            new MacAddress(endpoint.mac()),
            List.of(endpoint.address()),
            GuestSocket.listen(directory.resolve("g" + n + ".sock")),
            1500,
            Optional.empty(),
            true)
        .withRing(RingLayout.PACKED);
  }

  /** A guest with another kind of VMM, or several queue pairs. */
  GuestSpec spec(int n, Frontend frontend, int queuePairs) {
    GuestSpec spec = spec(n);
    return new GuestSpec(
            spec.id(),
            spec.tenant(),
            spec.network(),
            spec.mac(),
            spec.addresses(),
            spec.socket(),
            spec.mtu(),
            spec.uplink(),
            spec.localForwarding(),
            frontend,
            queuePairs)
        .withRing(RingLayout.PACKED);
  }

  Path socket(int n) {
    return directory.resolve("g" + n + ".sock");
  }

  VhostUserFrontend connect(int n) throws IOException {
    return VhostUserFrontend.connect(socket(n), PATIENCE);
  }

  /** Attaches guest {@code n} and starts its driver. */
  VhostUserGuest start(int n) throws Exception {
    return start(spec(n), GuestOptions.DEFAULT);
  }

  VhostUserGuest start(GuestSpec spec, GuestOptions options) throws Exception {
    engine.attach(spec);
    return boot(spec, options);
  }

  /** Starts the driver of a guest that is attached. */
  VhostUserGuest boot(GuestSpec spec, GuestOptions options) throws Exception {
    VhostUserGuest guest =
        VhostUserGuest.start(
            spec.id(), options, VhostUserFrontend.connect(spec.socket().path(), PATIENCE));
    guests.add(guest);
    await(() -> status(spec.id()).state() == GuestStatus.State.RUNNING);
    return guest;
  }

  GuestStatus status(String id) {
    try {
      return engine.guest(id);
    } catch (EngineException e) {
      throw new IllegalStateException(e);
    }
  }

  GuestStatus.Counters counters(int n) {
    return status("g" + n).counters();
  }

  Map<String, Long> drops(int n) {
    return counters(n).drops();
  }

  /** Sends all, receiving meanwhile; at most {@code window} frames under way. */
  static void stream(
      GuestDevice from,
      GuestDevice to,
      FrameTemplate template,
      FrameCheck check,
      long frames,
      int window) {
    long sent = 0;
    long deadline = System.nanoTime() + PATIENCE.toNanos() + frames * 20_000;
    while (check.frames() < frames) {
      int room = (int) Math.min(window - (sent - check.frames()), frames - sent);
      if (room > 0) {
        sent += from.send(template, sent, Math.min(room, 64));
      }
      to.receive(check, 64);
      if (System.nanoTime() > deadline) {
        return;
      }
    }
  }

  /** Receives until that many frames have come, or the time is over. */
  static void receive(GuestDevice guest, FrameCheck check, long frames) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (check.frames() < frames && System.nanoTime() < deadline) {
      if (guest.receive(check, 64) == 0) {
        guest.await(1_000_000);
      }
    }
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain");
      }
      Thread.sleep(1);
    }
  }

  /** Waits for a thread's end. */
  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    for (GuestDevice guest : guests) {
      guest.close();
    }
    engine.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    if (!problems.isEmpty()) {
      throw new AssertionError("the sidecar reported: " + problems);
    }
  }
}
