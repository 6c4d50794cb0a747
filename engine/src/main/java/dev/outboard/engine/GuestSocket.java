package dev.outboard.engine;

import java.nio.file.Path;

/**
 * The Unix socket that carries one guest's vhost-user session.
 *
 * @param path where it is
 * @param role which side we are
 * @param mode permissions of the socket file, as in chmod; {@link Role#SERVER} only
 */
public record GuestSocket(Path path, Role role, int mode) {
  /** Which side of the connection the sidecar is. */
  public enum Role {
    /** We listen, the VMM connects. */
    SERVER,
    /** The VMM listens, we connect, again and again until it is there. */
    CLIENT
  }

  /** A socket that only our own user may connect to. */
  public static GuestSocket listen(Path path) {
    return new GuestSocket(path, Role.SERVER, 0600);
  }
}
