package dev.outboard.spi;

import java.io.IOException;

/**
 * The entry point of a kind of {@link Notifier}: found by {@link java.util.ServiceLoader}. One call
 * at a time, perhaps by different threads, before and while the sidecar runs.
 */
public interface NotifierProvider {
  /** The name users write in their configuration, for example {@code epoll}. Unique. */
  String name();

  /** Whether this host has what it needs. Cheap, without side effects. */
  Availability probe();

  /**
   * Makes one for a worker, whose thread is the first to call any of its methods but {@link
   * Notifier#wake} and {@link Notifier#close}.
   *
   * @throws IOException with one line for the user
   */
  Notifier open() throws IOException;
}
