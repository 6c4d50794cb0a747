package dev.outboard.integration.config;

import java.util.List;

/**
 * A value that was read but makes no sense. Becomes a line with file and line number, or an answer
 * of the API.
 */
public final class InvalidValueException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Object> path;

  /**
   * Says what is wrong with the value at this place.
   *
   * @param path keys (String) and indices (Integer) from the root
   */
  InvalidValueException(List<Object> path, String problem) {
    super(problem);
    this.path = path;
  }

  /** Keys and indices from the root to the value. */
  List<Object> path() {
    return path;
  }
}
