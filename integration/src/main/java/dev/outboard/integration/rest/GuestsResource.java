package dev.outboard.integration.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.GuestSpec;
import dev.outboard.integration.config.GuestPlanner;
import dev.outboard.integration.config.InvalidValueException;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.GuestView;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.Problems;
import jakarta.inject.Inject;
import java.util.List;

/** Answers {@code /guests}: the API's words on one side, the engine's on the other. Any thread. */
final class GuestsResource {
  private final Engine engine;
  private final GuestPlanner planner;

  @Inject
  GuestsResource(Engine engine, GuestPlanner planner) {
    this.engine = engine;
    this.planner = planner;
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

  GuestView put(String id, String body) throws ApiException {
    GuestSpec spec = spec(id, body);
    try {
      List<String> warnings = engine.attach(spec);
      return GuestView.of(engine.guest(id), warnings);
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  void delete(String id) throws ApiException {
    try {
      engine.detach(id);
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  private GuestSpec spec(String id, String body) throws ApiException {
    try {
      GuestRequest request = Json.api().readValue(body.isBlank() ? "{}" : body, GuestRequest.class);
      if (request == null) {
        throw new ApiException(400, "the body must be a JSON object");
      }
      if (request.id() != null && !request.id().equals(id)) {
        throw new ApiException(
            400, "id '" + request.id() + "' in the body is not the path's, '" + id + "'");
      }
      return planner.plan(request.withId(id));
    } catch (JsonProcessingException e) {
      throw new ApiException(400, "body: " + Problems.describe(e), e);
    } catch (InvalidValueException e) {
      throw new ApiException(400, e.getMessage(), e);
    }
  }
}
