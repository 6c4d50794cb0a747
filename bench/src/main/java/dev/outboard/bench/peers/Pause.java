package dev.outboard.bench.peers;

import dev.outboard.integration.UserException;

/** Time that passes while others work. */
final class Pause {
  private Pause() {}

  static void millis(long millis) throws UserException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    }
  }
}
