package dev.outboard.integration.daemon;

import com.google.inject.Guice;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.GuestSpec;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.rest.ApiServer;
import dev.outboard.integration.rest.ApiSocket;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The life of the sidecar's process: start in an order that can be undone, end in the reverse one.
 * Start and close may come from different threads (a signal can end a start); each waits for the
 * other.
 */
public final class Daemon implements AutoCloseable {
  private final Plan plan;
  private final Banner banner;
  private final ApiSocket socket;
  private final Provider<Engine> engines;
  private final Provider<ApiServer> servers;
  private Engine engine;
  private ApiServer server;
  private boolean closed;

  @Inject
  Daemon(
      Plan plan,
      Banner banner,
      ApiSocket socket,
      Provider<Engine> engines,
      Provider<ApiServer> servers) {
    this.plan = plan;
    this.banner = banner;
    this.socket = socket;
    this.engines = engines;
    this.servers = servers;
  }

  /** Reads and checks the whole configuration; starts nothing yet. */
  public static Daemon create(RunSettings settings) throws UserException {
    try {
      return Guice.createInjector(Stage.DEVELOPMENT, new DaemonModule(settings))
          .getInstance(Daemon.class);
    } catch (ProvisionException e) {
      throw userException(e);
    }
  }

  /**
   * Starts everything; undoes what was done if something fails.
   *
   * @param log gets a few lines for the user
   */
  public synchronized void start(Consumer<String> log) throws UserException {
    if (closed) {
      return;
    }
    socket.claim();
    try {
      banner.lines().forEach(log);
      makeDirectory(plan.guestPlanner().directory());
      engine = engines.get();
      openUplinks();
      attachGuests(log);
      server = servers.get();
      server.start();
      log.accept("ready: API on " + socket.path());
    } catch (EngineException e) {
      close();
      throw new UserException(e.getMessage(), e);
    } catch (ProvisionException e) {
      close();
      throw userException(e);
    } catch (UserException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Where the API listens. */
  public Path api() {
    return socket.path();
  }

  /** Ends everything: the API first, then guests, uplinks and threads. Harmless if repeated. */
  @Override
  public synchronized void close() {
    closed = true;
    try {
      if (server != null) {
        server.stop();
      }
      if (engine != null) {
        engine.close();
      }
    } finally {
      server = null;
      engine = null;
      socket.release();
    }
  }

  private void openUplinks() throws EngineException {
    for (Plan.Uplink uplink : plan.uplinks()) {
      engine.openUplink(uplink.name(), uplink.provider(), uplink.settings());
    }
  }

  private void attachGuests(Consumer<String> log) throws EngineException {
    for (GuestSpec guest : plan.guests()) {
      List<String> warnings = engine.attach(guest);
      log.accept("guest " + guest.id() + ": " + guest.mac() + " at " + guest.socket().path());
      warnings.forEach(warning -> log.accept("guest " + guest.id() + ": warning: " + warning));
    }
  }

  private static void makeDirectory(Path directory) throws UserException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UserException("can't make the directory " + directory + ": " + e.getMessage(), e);
    }
  }

  /** Guice wraps what a provider throws; users want what is inside. */
  private static UserException userException(ProvisionException wrapper) {
    return switch (wrapper.getCause()) {
      case UserException e -> e;
      case EngineException e -> new UserException(e.getMessage(), e);
      case null, default -> throw wrapper;
    };
  }
}
