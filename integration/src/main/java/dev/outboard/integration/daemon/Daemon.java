package dev.outboard.integration.daemon;

import com.google.inject.ProvisionException;
import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.GatewaySpec;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.RemoteSpec;
import dev.outboard.engine.RouteSpec;
import dev.outboard.engine.handover.GuestState;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.InvalidValueException;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.handover.HandoverServer;
import dev.outboard.integration.handover.TakeOver;
import dev.outboard.integration.rest.ApiServer;
import dev.outboard.integration.rest.ApiSocket;
import dev.outboard.integration.runtime.DeclaredGuests;
import dev.outboard.integration.runtime.DeclaredRemotes;
import dev.outboard.integration.runtime.DeclaredUplinks;
import dev.outboard.integration.runtime.RuntimeDirectory;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.RemoteRequest;
import dev.outboard.integration.wire.UplinkRequest;
import dev.outboard.linux.LinuxException;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

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
  private final DeclaredGuests declared;
  private final DeclaredUplinks declaredUplinks;
  private final DeclaredRemotes declaredRemotes;
  private final Provider<Engine> engines;
  private final Provider<ApiServer> servers;
  private final AtomicReference<State> state = new AtomicReference<>(State.HERE);
  private final CountDownLatch end = new CountDownLatch(1);
  private Engine engine;
  private ApiServer server;
  private HandoverServer handover;

  /** The guests that were taken over from another process. */
  private final Set<String> adopted = new HashSet<>();

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
      DeclaredGuests declared,
      DeclaredUplinks declaredUplinks,
      DeclaredRemotes declaredRemotes,
      Provider<Engine> engines,
      Provider<ApiServer> servers) {
    this.plan = plan;
    this.banner = banner;
    this.socket = socket;
    this.runtime = runtime;
    this.declared = declared;
    this.declaredUplinks = declaredUplinks;
    this.declaredRemotes = declaredRemotes;
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
      openUplinks(log);
      attachGuests(log);
      attachDeclared(log);
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
      openUplinks(log);
      WarmUp.run();
      socket.prepare();
      server = servers.get();
      server.startUnseen();
      try (TakeOver from = TakeOver.connect(runtime.handOver())) {
        long begin = System.nanoTime();
        int guests = adopt(from.take(), log);
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
      attachGuests(log);
      attachDeclared(log);
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

  private int adopt(List<GuestState> guests, Consumer<String> log)
      throws UserException, EngineException {
    Map<String, GuestSpec> specs = new TreeMap<>();
    for (GuestRequest guest : declared(log)) {
      try {
        specs.put(guest.id(), plan.guestPlanner().plan(guest));
      } catch (InvalidValueException e) {
        throw new UserException("guest " + guest.id() + ": " + e.getMessage(), e);
      }
    }
    plan.guests().forEach(guest -> specs.put(guest.id(), guest));
    for (GuestState guest : guests) {
      GuestSpec spec = specs.get(guest.id());
      if (spec == null) {
        throw new UserException(
            "nothing was taken over: guest '%s' of the running daemon is not declared here; detach it first"
                .formatted(guest.id()));
      }
      engine.adopt(spec, guest);
      adopted.add(guest.id());
    }
    return guests.size();
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

  /** All that guests may need off this host, before there are any. */
  private void openUplinks(Consumer<String> log) throws EngineException, UserException {
    for (Plan.Uplink uplink : plan.uplinks()) {
      engine.openUplink(uplink.name(), uplink.provider(), uplink.settings());
    }
    openDeclaredUplinks(log);
    for (RouteSpec route : plan.routes()) {
      engine.addRoute(route);
    }
    for (GatewaySpec gateway : plan.gateways()) {
      engine.addGateway(gateway);
    }
    for (RemoteSpec remote : plan.remotes()) {
      engine.addRemote(remote);
    }
    addDeclaredRemotes(log);
  }

  /** As {@link #attachDeclared(Consumer)}. */
  private void openDeclaredUplinks(Consumer<String> log) throws UserException {
    Set<String> configured =
        plan.uplinks().stream().map(Plan.Uplink::name).collect(Collectors.toUnmodifiableSet());
    try {
      for (UplinkRequest uplink : declaredUplinks.load(log)) {
        if (configured.contains(uplink.name())) {
          declaredUplinks.remove(uplink.name());
          log.accept("uplink " + uplink.name() + ": the configuration has it now, and wins");
        } else {
          open(uplink, log);
        }
      }
    } catch (IOException e) {
      throw new UserException("can't use the runtime directory " + runtime.path() + ": " + e, e);
    }
  }

  private void open(UplinkRequest request, Consumer<String> log) {
    try {
      Plan.Uplink uplink = plan.uplinkPlanner().plan(request);
      engine.openUplink(uplink.name(), uplink.provider(), uplink.settings());
      plan.uplinkNames().add(uplink.name());
      log.accept("uplink " + uplink.name() + ": " + uplink.provider().name());
    } catch (InvalidValueException | EngineException e) {
      log.accept(
          "uplink %s: warning: not opened again: %s; put that right and start again, or close it"
              .formatted(request.name(), e.getMessage()));
    }
  }

  /** As {@link #attachDeclared(Consumer)}. */
  private void addDeclaredRemotes(Consumer<String> log) throws UserException {
    Set<String> configured =
        plan.remotes().stream().map(RemoteSpec::id).collect(Collectors.toUnmodifiableSet());
    try {
      for (RemoteRequest remote : declaredRemotes.load(log)) {
        if (configured.contains(remote.id())) {
          declaredRemotes.remove(remote.id());
          log.accept("remote " + remote.id() + ": the configuration has it now, and wins");
        } else {
          add(remote, log);
        }
      }
    } catch (IOException e) {
      throw new UserException("can't use the runtime directory " + runtime.path() + ": " + e, e);
    }
  }

  private void add(RemoteRequest remote, Consumer<String> log) {
    try {
      engine.addRemote(plan.remotePlanner().plan(remote));
    } catch (InvalidValueException | EngineException e) {
      log.accept(
          "remote %s: warning: not known again: %s; put that right and start again, or remove it"
              .formatted(remote.id(), e.getMessage()));
    }
  }

  private void attachGuests(Consumer<String> log) throws EngineException {
    for (GuestSpec guest : plan.guests()) {
      if (!adopted.contains(guest.id())) {
        attach(guest, log);
      }
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
    for (GuestRequest guest : declared(log)) {
      if (configured.contains(guest.id())) {
        forget(guest.id());
        log.accept("guest " + guest.id() + ": the configuration has it now, and wins");
      } else if (!adopted.contains(guest.id())) {
        attachDeclared(guest, log);
      }
    }
  }

  private List<GuestRequest> declared(Consumer<String> log) throws UserException {
    try {
      return declared.load(log);
    } catch (IOException e) {
      throw new UserException("can't read the runtime directory " + runtime.path() + ": " + e, e);
    }
  }

  private void forget(String id) throws UserException {
    try {
      declared.remove(id);
    } catch (IOException e) {
      throw new UserException(
          "can't write to the runtime directory " + runtime.path() + ": " + e, e);
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
}
