package dev.outboard.transport.dpdk.ffi;

import dev.outboard.linux.Errno;
import java.io.IOException;

/** DPDK has refused something. The message is one line for the user. Thrown by cold calls only. */
public final class DpdkException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /** For a failure that has no error number. */
  public DpdkException(String message) {
    super(message);
    errno = 0;
  }

  /**
   * For a call that failed.
   *
   * @param result its negative result
   * @param detail what DPDK has logged about it, or nothing
   */
  DpdkException(String operation, int result, String detail) {
    super(operation + ": " + why(result, detail));
    errno = -result;
  }

  /** Some functions return -1 for whatever has gone wrong; what was logged says more then. */
  private static String why(int result, String detail) {
    if (result == -1 && !detail.isEmpty()) {
      return "DPDK says: " + detail;
    }
    return "%s (%s)%s"
        .formatted(
            Errno.describe(-result),
            Errno.name(-result),
            detail.isEmpty() ? "" : "; DPDK says: " + detail);
  }

  /** The error number, positive, or 0. */
  public int errno() {
    return errno;
  }
}
