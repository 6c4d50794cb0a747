package dev.outboard.linux;

/**
 * Who is at the other end of a Unix socket, as the kernel recorded it when the connection was made.
 * For the control plane, which checks it before it reads a byte.
 */
public record PeerCredentials(int pid, int uid, int gid) {}
