package dev.outboard.integration;

/**
 * A command can't go on because of something the user can put right. The message is one line: what
 * is wrong, where, and what to do. Thrown by every room, printed by the command line alone.
 */
public final class UserException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private UserException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** What is wrong, where, and what to do. */
  public UserException(String message) {
    this(1, message, null);
  }

  /** What is wrong, where, and what to do; with the failure underneath. */
  public UserException(String message, Throwable cause) {
    this(1, message, cause);
  }

  /** Something the user wrote is wrong: the command line or the configuration. */
  public static UserException input(String message, Throwable cause) {
    return new UserException(2, message, cause);
  }

  /** What the process shall exit with. */
  public int exitCode() {
    return exitCode;
  }
}
