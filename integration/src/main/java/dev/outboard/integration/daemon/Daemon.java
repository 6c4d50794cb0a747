package dev.outboard.integration.daemon;

import com.google.inject.ProvisionException;
import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.handover.HandoverServer;
import dev.outboard.integration.handover.TakeOver;
import dev.outboard.integration.rest.ApiServer;
import dev.outboard.integration.rest.ApiSocket;
import dev.outboard.integration.runtime.RuntimeDirectory;
import dev.outboard.linux.LinuxException;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The life of the sidecar's process: start in an order that can be undone, end in the reverse one.
 * Start and close may come from different threads (a signal can end a start); each waits for the
 * other.
 */
public final class Daemon implements AutoCloseable, HandoverServer.Owner {
  private final Plan plan;
  private final Banner banner;
  private final ApiSocket socket;
  private final RuntimeDirectory runtime;
  private final Inventory inventory;
  private final Provider<Engine> engines;
  private final Provider<ApiServer> servers;
  private final AtomicReference<State> state = new AtomicReference<>(State.HERE);
  private final CountDownLatch end = new CountDownLatch(1);
  private Engine engine;
  private ApiServer server;
  private HandoverServer handover;

  /** Where the guests are. */
  private enum State {
    HERE,
    /** This daemon ends, or has ended. */
    CLOSED,
    /** Another process has them. */
    GONE
  }

  @Inject
  Daemon(
      Plan plan,
      Banner banner,
      ApiSocket socket,
      RuntimeDirectory runtime,
      Inventory inventory,
      Provider<Engine> engines,
      Provider<ApiServer> servers) {
    this.plan = plan;
    this.banner = banner;
    this.socket = socket;
    this.runtime = runtime;
    this.inventory = inventory;
    this.engines = engines;
    this.servers = servers;
  }

  /** Reads and checks the whole configuration; starts nothing yet. */
  public static Daemon create(RunSettings settings) throws UserException {
    return Composition.of(settings).daemon();
  }

  /**
   * Starts everything; undoes what was done if something fails.
   *
   * @param log gets a few lines for the user
   */
  public synchronized void start(Consumer<String> log) throws UserException {
    if (state.get() != State.HERE) {
      return;
    }
    socket.claim();
    try {
      runtime.claim();
      banner.lines().forEach(log);
      makeDirectory(plan.guestPlanner().directory());
      engine = engines.get();
      inventory.openUplinks(engine, false, log);
      inventory.attachGuests(engine, log);
      server = servers.get();
      server.start();
      waitForSuccessor();
      log.accept("ready: API on " + socket.path());
    } catch (EngineException e) {
      close();
      throw new UserException(e.getMessage(), e);
    } catch (ProvisionException e) {
      close();
      throw Composition.userException(e);
    } catch (UserException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Starts in place of a running daemon, whose guests notice nothing. Everything that takes time
   * comes before it stops them; if something fails until then, it goes on with them.
   *
   * @param log gets a few lines for the user
   */
  public synchronized void takeOver(Consumer<String> log) throws UserException {
    banner.lines().forEach(log);
    try {
      engine = engines.get();
      engine.standBy();
      inventory.openUplinks(engine, true, log);
      WarmUp.run();
      socket.prepare();
      server = servers.get();
      server.startUnseen();
      try (TakeOver from = TakeOver.connect(runtime.handOver())) {
        long begin = System.nanoTime();
        int guests = inventory.adopt(engine, from.take(), log);
        from.commit();
        engine.resume();
        long took = System.nanoTime() - begin;
        runtime.claim();
        socket.takeOver();
        from.finish();
        log.accept(
            "took over %d guests from process %d, which stood still for %.1f ms"
                .formatted(guests, from.pid(), took / 1e6));
      }
      inventory.attachGuests(engine, log);
      waitForSuccessor();
      log.accept("ready: API on " + socket.path());
    } catch (EngineException | IOException e) {
      close();
      throw new UserException(e.getMessage(), e);
    } catch (ProvisionException e) {
      close();
      throw Composition.userException(e);
    } catch (UserException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Where the API listens. */
  public Path api() {
    return socket.path();
  }

  /** Waits until another process has taken the guests over, and everything here has ended. */
  public void awaitSuccessor() throws InterruptedException {
    end.await();
  }

  /** Makes a planned restart possible; that it isn't keeps nobody from working. */
  private void waitForSuccessor() {
    try {
      handover = new HandoverServer(runtime.handOver(), engine, this);
    } catch (LinuxException e) {
      System.getLogger("outboard")
          .log(
              System.Logger.Level.WARNING,
              "no planned restart will be possible: " + e.getMessage());
    }
  }

  @Override
  public void prepare() {
    WarmUp.rehearse();
  }

  @Override
  public boolean giveUp() {
    if (!state.compareAndSet(State.HERE, State.GONE)) {
      return false;
    }
    try {
      runtime.release();
      socket.giveUp();
    } catch (IOException e) {
      System.getLogger("outboard").log(System.Logger.Level.WARNING, "hand-over: " + e);
    }
    return true;
  }

  @Override
  public void gone(long pid) {
    close();
    end.countDown();
  }

  /**
   * Ends everything: the API first, then guests, uplinks and threads; of guests that another
   * process has, nothing is touched. Harmless if repeated.
   */
  @Override
  public synchronized void close() {
    state.compareAndSet(State.HERE, State.CLOSED);
    try {
      if (handover != null) {
        handover.close();
      }
      if (server != null) {
        server.stop();
      }
      if (engine != null) {
        engine.close();
      }
    } finally {
      handover = null;
      server = null;
      engine = null;
      runtime.release();
      socket.release();
    }
  }

  private static void makeDirectory(Path directory) throws UserException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UserException("can't make the directory " + directory + ": " + e.getMessage(), e);
    }
  }
}
