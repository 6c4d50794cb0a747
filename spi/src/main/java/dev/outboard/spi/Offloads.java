package dev.outboard.spi;

/**
 * Work on frames that one side may leave to the other, as a set of bits. A frame says in its
 * offload fields ({@link FrameBurst#offload}) which of them it needs from whoever takes it. Later
 * versions may name more bits; the others are 0 until then.
 */
public final class Offloads {
  /** The transport checksum may be left unfilled: start and offset say where it belongs. */
  public static final int CHECKSUM = 1;

  /** TCP over IPv4 segments longer than the MTU. */
  public static final int TSO4 = 2;

  /** TCP over IPv6 segments longer than the MTU. */
  public static final int TSO6 = 4;

  /** Bundles of UDP datagrams, over IPv4 and IPv6. */
  public static final int USO = 8;

  private Offloads() {}
}
