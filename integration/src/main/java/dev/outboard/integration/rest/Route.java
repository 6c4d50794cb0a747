package dev.outboard.integration.rest;

import java.util.Optional;

/**
 * A method and a path that the API answers.
 *
 * @param template as in OpenAPI; its last segment may be one {@code {id}}
 */
record Route(String method, String template, Action action) {
  private static final String ID = "{id}";

  /** What answers it. */
  @FunctionalInterface
  interface Action {
    /**
     * Answers.
     *
     * @param id what stands for {@code {id}}, or empty
     */
    Reply answer(String id, String body) throws ApiException;
  }

  /** What stands for {@code {id}} if the path is this route's, "" if it has none. */
  Optional<String> match(String path) {
    if (!template.endsWith(ID)) {
      return template.equals(path) ? Optional.of("") : Optional.empty();
    }
    String prefix = template.substring(0, template.length() - ID.length());
    String id = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
    return id.isEmpty() || id.contains("/") ? Optional.empty() : Optional.of(id);
  }
}
