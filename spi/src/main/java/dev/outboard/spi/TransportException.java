package dev.outboard.spi;

/** A transport can't do what it was asked for. The message is one line for the user. */
public class TransportException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is wrong, where, and what to do. */
  public TransportException(String message) {
    super(message);
  }

  /** What is wrong, where, and what to do; with the failure underneath. */
  public TransportException(String message, Throwable cause) {
    super(message, cause);
  }
}
