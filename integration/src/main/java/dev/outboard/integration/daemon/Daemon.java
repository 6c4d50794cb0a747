package dev.outboard.integration.daemon;

import com.google.inject.Guice;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.GuestSpec;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.InvalidValueException;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.rest.ApiServer;
import dev.outboard.integration.rest.ApiSocket;
import dev.outboard.integration.runtime.DeclaredGuests;
import dev.outboard.integration.runtime.RuntimeDirectory;
import dev.outboard.integration.wire.GuestRequest;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The life of the sidecar's process: start in an order that can be undone, end in the reverse one.
 * Start and close may come from different threads (a signal can end a start); each waits for the
 * other.
 */
public final class Daemon implements AutoCloseable {
  private final Plan plan;
  private final Banner banner;
  private final ApiSocket socket;
  private final RuntimeDirectory runtime;
  private final DeclaredGuests declared;
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
      RuntimeDirectory runtime,
      DeclaredGuests declared,
      Provider<Engine> engines,
      Provider<ApiServer> servers) {
    this.plan = plan;
    this.banner = banner;
    this.socket = socket;
    this.runtime = runtime;
    this.declared = declared;
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
      runtime.claim();
      banner.lines().forEach(log);
      makeDirectory(plan.guestPlanner().directory());
      engine = engines.get();
      openUplinks();
      attachGuests(log);
      attachDeclared(log);
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
      runtime.release();
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
      attach(guest, log);
    }
  }

  private void attach(GuestSpec guest, Consumer<String> log) throws EngineException {
    List<String> warnings =
        runtime.isAfterKill() ? engine.attachAgain(guest) : engine.attach(guest);
    log.accept("guest " + guest.id() + ": " + guest.mac() + " at " + guest.socket().path());
    warnings.forEach(warning -> log.accept("guest " + guest.id() + ": warning: " + warning));
  }

  /**
   * Takes up the guests that were attached over the API. One that can't be attached any more, say
   * because its uplink is no longer configured, holds nobody up; its file stays.
   */
  private void attachDeclared(Consumer<String> log) throws UserException {
    Set<String> configured =
        plan.guests().stream().map(GuestSpec::id).collect(Collectors.toUnmodifiableSet());
    try {
      for (GuestRequest guest : declared.load(log)) {
        if (configured.contains(guest.id())) {
          declared.remove(guest.id());
          log.accept("guest " + guest.id() + ": the configuration has it now, and wins");
        } else {
          attachDeclared(guest, log);
        }
      }
    } catch (IOException e) {
      throw new UserException("can't read the runtime directory " + runtime.path() + ": " + e, e);
    }
  }

  private void attachDeclared(GuestRequest guest, Consumer<String> log) {
    try {
      attach(plan.guestPlanner().plan(guest), log);
    } catch (InvalidValueException | EngineException e) {
      log.accept(
          "guest %s: warning: not attached again: %s; put that right and start again, or detach it"
              .formatted(guest.id(), e.getMessage()));
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
