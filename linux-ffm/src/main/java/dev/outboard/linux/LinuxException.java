package dev.outboard.linux;

import java.io.IOException;

/**
 * A Linux call failed. The message is one line a user can act on, such as {@code open /dev/net/tun:
 * Permission denied (EACCES)}. Thrown by cold calls only, on any thread.
 */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /** For a call that failed with this (positive) error number. */
  public LinuxException(String operation, int errno) {
    super(operation + ": " + Errno.describe(errno) + " (" + Errno.name(errno) + ")");
    this.errno = errno;
  }

  /** For a failure whose cause is better said in our own words. */
  public LinuxException(String message, int errno, Throwable cause) {
    super(message, cause);
    this.errno = errno;
  }

  /** The error number, positive; see {@link Errno}. */
  public int errno() {
    return errno;
  }

  /** Returns a result that is not negative, or throws with what was being done. */
  static int check(long result, String operation) throws LinuxException {
    if (result < 0) {
      throw new LinuxException(operation, (int) -result);
    }
    return (int) result;
  }
}
