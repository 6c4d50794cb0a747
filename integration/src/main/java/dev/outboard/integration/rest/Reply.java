package dev.outboard.integration.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.wire.Fault;
import dev.outboard.integration.wire.Json;

/**
 * An answer, ready to be written.
 *
 * @param body empty for none
 * @param allow the methods a path knows, for 405 only; else empty
 */
record Reply(int status, String contentType, String body, String allow) {
  static final String JSON = "application/json";

  static Reply json(int status, Object value) {
    try {
      return new Reply(status, JSON, Json.api().writeValueAsString(value) + "\n", "");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Reply empty() {
    return new Reply(204, "", "", "");
  }

  static Reply fault(int status, String message) {
    return json(status, new Fault(message));
  }

  Reply allowing(String methods) {
    return new Reply(status, contentType, body, methods);
  }
}
