package dev.outboard.integration.rest;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.integration.wire.ObservationView;
import jakarta.inject.Inject;
import java.util.List;

/** Answers {@code /observations}. Any thread. */
final class ObservationsResource {
  private final Engine engine;

  @Inject
  ObservationsResource(Engine engine) {
    this.engine = engine;
  }

  List<ObservationView> list() {
    return engine.observations().stream().map(ObservationView::of).toList();
  }

  ObservationView get(String guest) throws ApiException {
    return engine.observations().stream()
        .filter(observation -> observation.guest().equals(guest))
        .findFirst()
        .map(ObservationView::of)
        .orElseThrow(() -> new ApiException(404, "guest '" + guest + "' is not observed"));
  }

  ObservationView put(String guest) throws ApiException {
    try {
      return ObservationView.of(engine.observe(guest));
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  ObservationView delete(String guest) throws ApiException {
    try {
      return ObservationView.of(engine.unobserve(guest));
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }
}
