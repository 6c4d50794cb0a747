package dev.outboard.engine;

/** The engine can't do what it was asked for. The message is one line for the user. */
public class EngineException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Whose mistake it is, roughly; for whoever must turn it into a code. */
  public enum Kind {
    /** The request makes no sense here, whatever the state. */
    INVALID,
    /** Something by that name or address exists already, or there is no room. */
    TAKEN,
    /** There is nothing by that name. */
    UNKNOWN,
    /** The host refused. */
    FAILED
  }

  /** What is wrong, where, and what to do. */
  public EngineException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What is wrong, where, and what to do; with the failure underneath. */
  public EngineException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Whose mistake it is. */
  public Kind kind() {
    return kind;
  }
}
