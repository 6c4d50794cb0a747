package dev.outboard.integration.rest;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.integration.config.GuestPlanner;
import dev.outboard.integration.config.InvalidValueException;
import dev.outboard.integration.runtime.DeclaredGuests;
import dev.outboard.integration.wire.GuestPatch;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.GuestView;
import dev.outboard.integration.wire.Names;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;

/** Answers {@code /guests}: the API's words on one side, the engine's on the other. Any thread. */
final class GuestsResource {
  private final Engine engine;
  private final GuestPlanner planner;
  private final DeclaredGuests declared;

  @Inject
  GuestsResource(Engine engine, GuestPlanner planner, DeclaredGuests declared) {
    this.engine = engine;
    this.planner = planner;
    this.declared = declared;
  }

  List<GuestView> list() {
    return engine.guests().stream().map(status -> GuestView.of(status, List.of())).toList();
  }

  GuestView get(String id) throws ApiException {
    try {
      return GuestView.of(engine.guest(id), List.of());
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  /** Kept only once it is attached: who gets no answer has to ask again. */
  synchronized GuestView put(String id, String body) throws ApiException {
    GuestRequest request = request(id, body);
    try {
      List<String> warnings = engine.attach(planner.plan(request));
      keep(request);
      return GuestView.of(engine.guest(id), warnings);
    } catch (InvalidValueException e) {
      throw new ApiException(400, e.getMessage(), e);
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  private void keep(GuestRequest request) throws ApiException, EngineException {
    try {
      declared.save(request);
    } catch (IOException e) {
      engine.detach(request.id());
      throw new ApiException(
          409, "guest '" + request.id() + "' can't be kept for a restart: " + e, e);
    }
  }

  GuestView patch(String id, String body) throws ApiException {
    GuestPatch patch = Bodies.read(body, GuestPatch.class);
    if ((patch.worker() == null) == (patch.workers() == null)) {
      throw new ApiException(400, "body: worker or workers, one of them: nothing else can change");
    }
    if (patch.workers() != null && patch.workers().contains(null)) {
      throw new ApiException(400, "body: workers: null is no number of a worker");
    }
    try {
      engine.move(id, patch.worker() == null ? patch.workers() : List.of(patch.worker()));
      return GuestView.of(engine.guest(id), List.of());
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  /** Forgotten first: a guest that is to go shall not come back after a kill. */
  synchronized void delete(String id) throws ApiException {
    boolean kept;
    try {
      kept = Names.isName(id) && declared.remove(id);
    } catch (IOException e) {
      throw new ApiException(409, "guest '" + id + "' can't be forgotten: " + e, e);
    }
    try {
      engine.detach(id);
    } catch (EngineException e) {
      if (!kept || e.kind() != EngineException.Kind.UNKNOWN) {
        throw ApiException.of(e);
      }
    }
  }

  private static GuestRequest request(String id, String body) throws ApiException {
    GuestRequest request = Bodies.read(body, GuestRequest.class);
    Bodies.checkId(id, request.id());
    return request.withId(id);
  }
}
