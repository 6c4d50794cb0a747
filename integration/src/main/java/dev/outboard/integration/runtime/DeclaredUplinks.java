package dev.outboard.integration.runtime;

import dev.outboard.integration.wire.UplinkRequest;
import jakarta.inject.Inject;

/** The uplinks that were opened over the API; see {@link Declared}. */
public final class DeclaredUplinks extends Declared<UplinkRequest> {
  @Inject
  DeclaredUplinks(RuntimeDirectory runtime) {
    super(runtime.uplinks(), "uplink", UplinkRequest.class, UplinkRequest::name);
  }
}
