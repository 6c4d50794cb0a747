package dev.outboard.integration.plugins;

/** A plugin was not loaded. The message is one line for the user. */
public final class PluginException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What is in the way. */
  public enum Kind {
    /** The request makes no sense. */
    INVALID,
    /** There is no such folder. */
    UNKNOWN,
    /** It is loaded already. */
    TAKEN,
    /** It can't be used. */
    REFUSED
  }

  PluginException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  PluginException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is in the way. */
  public Kind kind() {
    return kind;
  }
}
