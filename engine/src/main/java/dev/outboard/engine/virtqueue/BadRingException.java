package dev.outboard.engine.virtqueue;

/** A ring was set up in a way the specification forbids; the message says how. */
public final class BadRingException extends Exception {
  private static final long serialVersionUID = 1L;

  BadRingException(String message) {
    super(message);
  }
}
