package dev.outboard.integration.plugins;

/** A plugin's answer makes no sense; the message is one line that says which and why. */
final class NonsenseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NonsenseException(String message) {
    super(message);
  }
}
