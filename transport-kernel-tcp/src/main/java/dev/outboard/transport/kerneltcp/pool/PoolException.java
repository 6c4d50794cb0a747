package dev.outboard.transport.kerneltcp.pool;

/** No connection was to be had: one line that says why. */
public final class PoolException extends Exception {
  private static final long serialVersionUID = 1;

  PoolException(String message, Throwable cause) {
    super(message, cause);
  }
}
