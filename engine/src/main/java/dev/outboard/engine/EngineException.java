package dev.outboard.engine;

/** The engine can't do what it was asked for. The message is one line for the user. */
public class EngineException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is wrong, where, and what to do. */
  public EngineException(String message) {
    super(message);
  }

  /** What is wrong, where, and what to do; with the failure underneath. */
  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
