package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;

/** The two processors that all arms share, so that each arm has the same. Immutable. */
public record Cpus(int first, int second) {
  /** The first two that this process may use. */
  public static Cpus choose() throws UserException {
    try {
      int[] allowed = Threads.allowedCpus();
      if (allowed.length < 2) {
        throw new UserException(
            "compare needs two processors and may use " + allowed.length + ": give it more");
      }
      return new Cpus(allowed[0], allowed[1]);
    } catch (LinuxException e) {
      throw new UserException(e.getMessage(), e);
    }
  }
}
