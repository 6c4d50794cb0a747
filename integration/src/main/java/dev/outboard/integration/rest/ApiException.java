package dev.outboard.integration.rest;

import dev.outboard.engine.EngineException;

/** The API refuses a request: a status and one line. Thrown by resources, answered by routing. */
final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  ApiException(int status, String message) {
    super(message);
    this.status = status;
  }

  ApiException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** The engine's refusal as the API tells it. */
  static ApiException of(EngineException e) {
    int status =
        switch (e.kind()) {
          case INVALID -> 400;
          case UNKNOWN -> 404;
          case TAKEN, FAILED -> 409;
        };
    return new ApiException(status, e.getMessage(), e);
  }

  int status() {
    return status;
  }
}
