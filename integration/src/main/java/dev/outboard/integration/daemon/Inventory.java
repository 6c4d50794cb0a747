package dev.outboard.integration.daemon;

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
import dev.outboard.integration.runtime.DeclaredGuests;
import dev.outboard.integration.runtime.DeclaredRemotes;
import dev.outboard.integration.runtime.DeclaredUplinks;
import dev.outboard.integration.runtime.RuntimeDirectory;
import dev.outboard.integration.runtime.SwappedWays;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.RemoteRequest;
import dev.outboard.integration.wire.UplinkRequest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What an engine is to have when a daemon starts: uplinks, routes, remotes and guests of the
 * configuration, and those that were declared over the API to an earlier daemon. Where both have
 * one of a name, the configuration wins. Used by the thread that starts the daemon.
 */
final class Inventory {
  private final Plan plan;
  private final RuntimeDirectory runtime;
  private final DeclaredGuests declared;
  private final DeclaredUplinks declaredUplinks;
  private final DeclaredRemotes declaredRemotes;
  private final SwappedWays swapped;

  /** The guests that were taken over from another process. */
  private final Set<String> adopted = new HashSet<>();

  @Inject
  Inventory(
      Plan plan,
      RuntimeDirectory runtime,
      DeclaredGuests declared,
      DeclaredUplinks declaredUplinks,
      DeclaredRemotes declaredRemotes,
      SwappedWays swapped) {
    this.plan = plan;
    this.runtime = runtime;
    this.declared = declared;
    this.declaredUplinks = declaredUplinks;
    this.declaredRemotes = declaredRemotes;
    this.swapped = swapped;
  }

  /**
   * All that guests may need off this host, before there are any.
   *
   * @param takingOver whether guests run on what is to be replaced: then nothing may be missing
   */
  void openUplinks(Engine engine, boolean takingOver, Consumer<String> log)
      throws EngineException, UserException {
    for (Plan.Uplink uplink : plan.uplinks()) {
      engine.openUplink(uplink.name(), uplink.provider(), uplink.settings());
    }
    openDeclaredUplinks(engine, takingOver, log);
    loadSwapped(log);
    for (RouteSpec route : plan.routes()) {
      engine.addRoute(swapped.last(route, log));
    }
    for (GatewaySpec gateway : plan.gateways()) {
      engine.addGateway(swapped.last(gateway, log));
    }
    for (RemoteSpec remote : plan.remotes()) {
      engine.addRemote(swapped.last(remote, log));
    }
    addDeclaredRemotes(engine, log);
  }

  private void loadSwapped(Consumer<String> log) throws UserException {
    try {
      swapped.load(log);
    } catch (IOException e) {
      throw new UserException("can't use the runtime directory " + runtime.path() + ": " + e, e);
    }
  }

  /** As {@link #attachDeclared}. */
  private void openDeclaredUplinks(Engine engine, boolean takingOver, Consumer<String> log)
      throws EngineException, UserException {
    Set<String> configured =
        plan.uplinks().stream().map(Plan.Uplink::name).collect(Collectors.toUnmodifiableSet());
    try {
      for (UplinkRequest uplink : declaredUplinks.load(log)) {
        if (configured.contains(uplink.name())) {
          declaredUplinks.remove(uplink.name());
          log.accept("uplink " + uplink.name() + ": the configuration has it now, and wins");
        } else {
          open(engine, uplink, takingOver, log);
        }
      }
    } catch (IOException e) {
      throw new UserException("can't use the runtime directory " + runtime.path() + ": " + e, e);
    }
  }

  private void open(Engine engine, UplinkRequest request, boolean takingOver, Consumer<String> log)
      throws EngineException {
    try {
      Plan.Uplink uplink = plan.uplinkPlanner().plan(request);
      engine.openUplink(uplink.name(), uplink.provider(), uplink.settings());
      plan.uplinkNames().add(uplink.name());
      log.accept("uplink " + uplink.name() + ": " + uplink.provider().name());
    } catch (InvalidValueException | EngineException e) {
      if (takingOver && e instanceof EngineException failure) {
        throw failure;
      }
      log.accept(
          "uplink %s: warning: not opened again: %s; put that right and start again, or close it"
              .formatted(request.name(), e.getMessage()));
    }
  }

  /** As {@link #attachDeclared}. */
  private void addDeclaredRemotes(Engine engine, Consumer<String> log) throws UserException {
    Set<String> configured =
        plan.remotes().stream().map(RemoteSpec::id).collect(Collectors.toUnmodifiableSet());
    try {
      for (RemoteRequest remote : declaredRemotes.load(log)) {
        if (configured.contains(remote.id())) {
          declaredRemotes.remove(remote.id());
          log.accept("remote " + remote.id() + ": the configuration has it now, and wins");
        } else {
          add(engine, remote, log);
        }
      }
    } catch (IOException e) {
      throw new UserException("can't use the runtime directory " + runtime.path() + ": " + e, e);
    }
  }

  private void add(Engine engine, RemoteRequest remote, Consumer<String> log) {
    try {
      engine.addRemote(plan.remotePlanner().plan(remote));
    } catch (InvalidValueException | EngineException e) {
      log.accept(
          "remote %s: warning: not known again: %s; put that right and start again, or remove it"
              .formatted(remote.id(), e.getMessage()));
    }
  }

  /** Guests that were not taken over: those of the configuration, then those that were declared. */
  void attachGuests(Engine engine, Consumer<String> log) throws EngineException, UserException {
    for (GuestSpec guest : plan.guests()) {
      if (!adopted.contains(guest.id())) {
        attachConfigured(engine, guest, log);
      }
    }
    attachDeclared(engine, log);
  }

  /** On the way that it had last; if that is not to be had, on that of the configuration. */
  private void attachConfigured(Engine engine, GuestSpec guest, Consumer<String> log)
      throws EngineException, UserException {
    GuestSpec last = swapped.last(guest, log);
    try {
      attach(engine, last, log);
    } catch (EngineException e) {
      if (last.equals(guest)) {
        throw e;
      }
      log.accept(
          "guest %s: warning: not on the way it had by a swap: %s; now as the configuration says"
              .formatted(guest.id(), e.getMessage()));
      attach(engine, guest, log);
      try {
        swapped.forget(guest);
      } catch (IOException io) {
        throw new UserException(
            "can't write to the runtime directory " + runtime.path() + ": " + io, io);
      }
    }
  }

  private void attach(Engine engine, GuestSpec guest, Consumer<String> log) throws EngineException {
    List<String> warnings =
        runtime.isAfterKill() ? engine.attachAgain(guest) : engine.attach(guest);
    log.accept("guest " + guest.id() + ": " + guest.mac() + " at " + guest.socket().path());
    warnings.forEach(warning -> log.accept("guest " + guest.id() + ": warning: " + warning));
  }

  /**
   * Takes up the guests that were attached over the API. One that can't be attached any more, say
   * because its uplink is no longer configured, holds nobody up; its file stays.
   */
  private void attachDeclared(Engine engine, Consumer<String> log) throws UserException {
    Set<String> configured =
        plan.guests().stream().map(GuestSpec::id).collect(Collectors.toUnmodifiableSet());
    for (GuestRequest guest : declared(log)) {
      if (configured.contains(guest.id())) {
        forget(guest.id());
        log.accept("guest " + guest.id() + ": the configuration has it now, and wins");
      } else if (!adopted.contains(guest.id())) {
        attachDeclared(engine, guest, log);
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

  private void attachDeclared(Engine engine, GuestRequest guest, Consumer<String> log) {
    try {
      attach(engine, plan.guestPlanner().plan(guest), log);
    } catch (InvalidValueException | EngineException e) {
      log.accept(
          "guest %s: warning: not attached again: %s; put that right and start again, or detach it"
              .formatted(guest.id(), e.getMessage()));
    }
  }

  /**
   * Takes guests over from another process.
   *
   * @return how many
   */
  int adopt(Engine engine, List<GuestState> guests, Consumer<String> log)
      throws UserException, EngineException {
    Map<String, GuestSpec> specs = new TreeMap<>();
    for (GuestRequest guest : declared(log)) {
      try {
        specs.put(guest.id(), plan.guestPlanner().plan(guest));
      } catch (InvalidValueException e) {
        throw new UserException("guest " + guest.id() + ": " + e.getMessage(), e);
      }
    }
    plan.guests().forEach(guest -> specs.put(guest.id(), swapped.last(guest, log)));
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
}
