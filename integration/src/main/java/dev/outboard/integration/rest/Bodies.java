package dev.outboard.integration.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.Problems;

/** Reads the bodies of requests; a mistake in one is the asker's. Any thread. */
final class Bodies {
  private Bodies() {}

  /** What a body says; an empty one says nothing. */
  static <T> T read(String body, Class<T> type) throws ApiException {
    try {
      T value = Json.api().readValue(body.isBlank() ? "{}" : body, type);
      if (value == null) {
        throw new ApiException(400, "the body must be a JSON object");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new ApiException(400, "body: " + Problems.describe(e), e);
    }
  }

  /** Refuses a body that is about another one than the path. */
  static void checkId(String path, String body) throws ApiException {
    if (body != null && !body.equals(path)) {
      throw new ApiException(
          400, "id '" + body + "' in the body is not the path's, '" + path + "'");
    }
  }
}
