package dev.outboard.bench;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GuestSpec;
import dev.outboard.isolation.Shared;
import dev.outboard.linux.Namespaces;
import dev.outboard.transport.tuntap.TuntapProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The engine by itself: guests that are declared and wait for their VMM. */
final class EngineArm implements Arm {
  private static final String UPLINK = "lan";
  private static final Map<String, String> POOL = Map.of("pool.min", "4", "pool.max", "64");

  private final Engine engine;
  private final GuestSpec another;

  /** Without an uplink. */
  static EngineArm plain(Path directory, int guests) throws Exception {
    return new EngineArm(start(), directory, guests, Optional.empty());
  }

  /** With a TAP and bridge port for each guest, in a network namespace of its own; needs root. */
  static EngineArm overTap(Path directory, int guests) throws Exception {
    Engine engine =
        Namespaces.inPrivateNetwork(
            () -> {
              Engine started = start();
              started.openUplink(UPLINK, new TuntapProvider(), settings());
              return started;
            });
    return new EngineArm(engine, directory, guests, Optional.of(UPLINK));
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    new TuntapProvider().settings().forEach(s -> settings.put(s.name(), s.defaultValue()));
    settings.putAll(POOL);
    return settings;
  }

  static Engine start() throws EngineException {
    return Engine.start(
        EngineSettings.defaults(), new Shared(), Engine.epoll(), System.err::println);
  }

  private EngineArm(Engine engine, Path directory, int guests, Optional<String> uplink)
      throws EngineException, IOException {
    this.engine = engine;
    Files.createDirectories(directory);
    for (int i = 0; i < guests; i++) {
      List<String> _ = engine.attach(Guests.spec(i, directory, uplink));
    }
    another = Guests.spec(guests, directory, uplink);
  }

  @Override
  public List<String> steps() {
    return List.of("attach", "detach");
  }

  @Override
  public long[] sample() throws EngineException {
    long start = System.nanoTime();
    List<String> _ = engine.attach(another);
    long attached = System.nanoTime();
    engine.detach(another.id());
    long detached = System.nanoTime();
    return new long[] {attached - start, detached - attached};
  }

  @Override
  public void close() {
    engine.close();
  }
}
