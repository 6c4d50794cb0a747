package dev.outboard.guest.vhost;

import java.io.IOException;

/** The other end has refused a request, has closed, or speaks nonsense. On the caller's thread. */
public final class VhostUserException extends IOException {
  private static final long serialVersionUID = 1L;

  VhostUserException(String message) {
    super(message);
  }
}
