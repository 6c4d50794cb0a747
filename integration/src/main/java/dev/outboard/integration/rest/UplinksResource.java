package dev.outboard.integration.rest;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.integration.config.InvalidValueException;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.config.UplinkNames;
import dev.outboard.integration.config.UplinkPlanner;
import dev.outboard.integration.runtime.DeclaredUplinks;
import dev.outboard.integration.wire.Names;
import dev.outboard.integration.wire.UplinkRequest;
import dev.outboard.integration.wire.UplinkView;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;

/** Answers {@code /uplinks}. Any thread. */
final class UplinksResource {
  private final Engine engine;
  private final Plan plan;
  private final UplinkPlanner planner;
  private final UplinkNames names;
  private final DeclaredUplinks declared;

  @Inject
  UplinksResource(Engine engine, Plan plan, DeclaredUplinks declared) {
    this.engine = engine;
    this.plan = plan;
    planner = plan.uplinkPlanner();
    names = plan.uplinkNames();
    this.declared = declared;
  }

  List<UplinkView> list() {
    return engine.uplinks().stream().map(UplinkView::of).toList();
  }

  UplinkView get(String name) throws ApiException {
    return engine.uplinks().stream()
        .filter(uplink -> uplink.name().equals(name))
        .findFirst()
        .map(UplinkView::of)
        .orElseThrow(() -> new ApiException(404, "there is no uplink '" + name + "'"));
  }

  /** Kept only once it is open: who gets no answer has to ask again. */
  synchronized UplinkView put(String name, String body) throws ApiException {
    UplinkRequest request = Bodies.read(body, UplinkRequest.class);
    Bodies.checkId(name, request.name());
    request = request.withName(name);
    try {
      Plan.Uplink uplink = planner.plan(request);
      engine.openUplink(name, uplink.provider(), uplink.settings());
      keep(request);
      names.add(name);
      return get(name);
    } catch (InvalidValueException e) {
      throw new ApiException(400, e.getMessage(), e);
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  private void keep(UplinkRequest request) throws ApiException, EngineException {
    try {
      declared.save(request);
    } catch (IOException e) {
      engine.closeUplink(request.name());
      throw new ApiException(
          409, "uplink '" + request.name() + "' can't be kept for a restart: " + e, e);
    }
  }

  /** Closed first: it may be refused. One of the configuration would be there again. */
  synchronized void delete(String name) throws ApiException {
    if (plan.uplinks().stream().anyMatch(uplink -> uplink.name().equals(name))) {
      throw new ApiException(
          409, "uplink '" + name + "' is in the configuration; take it out and restart the daemon");
    }
    try {
      engine.closeUplink(name);
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.UNKNOWN || !forget(name)) {
        throw ApiException.of(e);
      }
    }
    names.remove(name);
    forget(name);
  }

  private boolean forget(String name) throws ApiException {
    try {
      return Names.isName(name) && declared.remove(name);
    } catch (IOException e) {
      throw new ApiException(409, "uplink '" + name + "' can't be forgotten: " + e, e);
    }
  }
}
