package dev.outboard.integration.plugins;

/** A plugin can't be used. The message is one line: what is wrong, and what to do. */
final class PluginRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  PluginRefusedException(String message) {
    super(message);
  }

  PluginRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
