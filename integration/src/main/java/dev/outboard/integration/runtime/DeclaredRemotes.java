package dev.outboard.integration.runtime;

import dev.outboard.integration.wire.RemoteRequest;
import jakarta.inject.Inject;

/** The stations on other hosts that were declared over the API; see {@link Declared}. */
public final class DeclaredRemotes extends Declared<RemoteRequest> {
  @Inject
  DeclaredRemotes(RuntimeDirectory runtime) {
    super(runtime.remotes(), "remote", RemoteRequest.class, RemoteRequest::id);
  }
}
