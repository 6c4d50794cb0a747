package dev.outboard.integration.rest;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.RemoteSpec;
import dev.outboard.integration.config.InvalidValueException;
import dev.outboard.integration.config.RemotePlanner;
import dev.outboard.integration.runtime.DeclaredRemotes;
import dev.outboard.integration.wire.Names;
import dev.outboard.integration.wire.RemoteRequest;
import dev.outboard.integration.wire.RemoteView;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;

/** Answers {@code /remotes}. Any thread. */
final class RemotesResource {
  private final Engine engine;
  private final RemotePlanner planner;
  private final DeclaredRemotes declared;

  @Inject
  RemotesResource(Engine engine, RemotePlanner planner, DeclaredRemotes declared) {
    this.engine = engine;
    this.planner = planner;
    this.declared = declared;
  }

  List<RemoteView> list() {
    return engine.remotes().stream().map(RemoteView::of).toList();
  }

  RemoteView get(String id) throws ApiException {
    return engine.remotes().stream()
        .filter(remote -> remote.id().equals(id))
        .findFirst()
        .map(RemoteView::of)
        .orElseThrow(() -> new ApiException(404, "there is no remote '" + id + "'"));
  }

  /** Kept only once it is reachable: who gets no answer has to ask again. */
  synchronized RemoteView put(String id, String body) throws ApiException {
    RemoteRequest request = Bodies.read(body, RemoteRequest.class);
    Bodies.checkId(id, request.id());
    request = request.withId(id);
    try {
      RemoteSpec spec = planner.plan(request);
      engine.addRemote(spec);
      keep(request);
      return RemoteView.of(spec);
    } catch (InvalidValueException e) {
      throw new ApiException(400, e.getMessage(), e);
    } catch (EngineException e) {
      throw ApiException.of(e);
    }
  }

  private void keep(RemoteRequest request) throws ApiException, EngineException {
    try {
      declared.save(request);
    } catch (IOException e) {
      engine.removeRemote(request.id());
      throw new ApiException(
          409, "remote '" + request.id() + "' can't be kept for a restart: " + e, e);
    }
  }

  synchronized void delete(String id) throws ApiException {
    boolean kept;
    try {
      kept = Names.isName(id) && declared.remove(id);
    } catch (IOException e) {
      throw new ApiException(409, "remote '" + id + "' can't be forgotten: " + e, e);
    }
    try {
      engine.removeRemote(id);
    } catch (EngineException e) {
      if (!kept || e.kind() != EngineException.Kind.UNKNOWN) {
        throw ApiException.of(e);
      }
    }
  }
}
