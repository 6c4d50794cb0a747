package dev.outboard.integration.plugins;

/**
 * A plugin has not done what it was asked for: it threw, or gave no answer in time. The message is
 * one line, for example {@code openPort() threw java.lang.IllegalStateException: no}.
 */
final class PluginFailure extends Exception {
  private static final long serialVersionUID = 1L;

  PluginFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
