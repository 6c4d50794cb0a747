package dev.outboard.integration.runtime;

import dev.outboard.integration.wire.GuestRequest;
import jakarta.inject.Inject;

/** The guests that were attached over the API; see {@link Declared}. */
public final class DeclaredGuests extends Declared<GuestRequest> {
  @Inject
  DeclaredGuests(RuntimeDirectory runtime) {
    super(runtime.guests(), "guest", GuestRequest.class, GuestRequest::id);
  }
}
