package com.example.outboard.incubator;

/**
 * What travels between hosts: the network's number and a frame.
 *
 * <pre>
 *   0        4
 *   network  frame
 * </pre>
 */
final class Datagram {
  static final int HEADER = 4;

  /** With addresses of 40 bytes and ports of 8 outside, it fits an Ethernet frame of 1500. */
  static final int LARGEST_MTU = 1400;

  /** Room for a datagram; one that fills it all was cut off. */
  static final int SLOT = 2048;

  private Datagram() {}
}
