package dev.outboard.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Why this host gives no io_uring, and what to do about it, one line each: for users. Cold; any
 * thread.
 */
public record IoUringRefusal(String reason, String remedy) {
  private static final Path SWITCH = Path.of("/proc/sys/kernel/io_uring_disabled");

  /** Tries it by making a small ring: empty if that works. */
  public static Optional<IoUringRefusal> probe() {
    try (IoUring _ = new IoUring(1, 2)) {
      return Optional.empty();
    } catch (LinuxException e) {
      return Optional.of(of(e.errno()));
    }
  }

  /** What an error number of io_uring_setup means on this host. */
  static IoUringRefusal of(int errno) {
    return of(errno, disabledBy());
  }

  /**
   * What an error number of io_uring_setup means.
   *
   * @param disabled the value of kernel.io_uring_disabled
   */
  static IoUringRefusal of(int errno, String disabled) {
    return switch (errno) {
      case Errno.ENOSYS ->
          new IoUringRefusal(
              "this kernel has no io_uring", "use a kernel 6.1 or later with CONFIG_IO_URING=y");
      case Errno.EINVAL ->
          new IoUringRefusal("the io_uring of this kernel is too old", "use a kernel 6.1 or later");
      case Errno.EPERM, Errno.EACCES -> forbidden(disabled);
      case Errno.ENOMEM ->
          new IoUringRefusal(
              "there is not enough memory for an io_uring, or its limit is reached",
              "raise the memory limit of the service or container, or ulimit -l");
      case Errno.EMFILE, Errno.ENFILE ->
          new IoUringRefusal("there are too many open files", "raise ulimit -n");
      default ->
          new IoUringRefusal(
              "io_uring fails: %s (%s)".formatted(Errno.describe(errno), Errno.name(errno)),
              "look into the kernel's log");
    };
  }

  private static IoUringRefusal forbidden(String disabled) {
    return switch (disabled) {
      case "2" ->
          new IoUringRefusal(
              "io_uring is switched off on this host (kernel.io_uring_disabled is 2)",
              "sysctl kernel.io_uring_disabled=0");
      case "1" ->
          new IoUringRefusal(
              "io_uring is for privileged processes only (kernel.io_uring_disabled is 1)",
              "run with CAP_SYS_ADMIN, or in the group of kernel.io_uring_group");
      default ->
          new IoUringRefusal(
              "a security policy forbids io_uring (seccomp filter or security module)",
              "allow io_uring_setup, io_uring_enter and io_uring_register in the seccomp profile of"
                  + " the service or container");
    };
  }

  private static String disabledBy() {
    try {
      return Files.readString(SWITCH).trim();
    } catch (IOException e) {
      // Kernels before 6.6 have no such switch.
      return "";
    }
  }

  @Override
  public String toString() {
    return reason + "; " + remedy;
  }
}
