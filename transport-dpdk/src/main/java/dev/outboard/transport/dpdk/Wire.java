package dev.outboard.transport.dpdk;

import java.lang.foreign.MemorySegment;

/**
 * What frames look like outside: one worker's way to put something around a guest's frame, and to
 * find the frame in what has arrived. Its worker's; hot.
 */
abstract sealed class Wire permits PlainWire, VxlanWire, GuestWire {
  /** What {@link #wrap} answers when there is no such next hop. */
  static final int NO_NEXT_HOP = -1;

  /** What {@link #wrap} answers when it is not known yet where the next hop is; soon it may be. */
  static final int UNRESOLVED = -2;

  /**
   * What {@link #wrap} answers to a frame that has a VLAN tag of its own, and would be elsewhere.
   */
  static final int TAGGED = -3;

  private long frame;
  private int length;
  private int network;
  private int nextHop;

  /**
   * Writes what comes before a frame, to the bytes just before it.
   *
   * @param at where the frame is
   * @return the length of all of it, or why it can't be sent
   */
  abstract int wrap(MemorySegment memory, long at, int bytes, int hop, int flowHash);

  /** Whether there is a frame in a packet of one segment; else it was dealt with, or counted. */
  abstract boolean unwrap(MemorySegment memory, long packet);

  /** The frame was found. */
  final void found(long at, int bytes, int inNetwork, int fromHop) {
    frame = at;
    length = bytes;
    network = inNetwork;
    nextHop = fromHop;
  }

  /** Where the frame is that was found last. */
  final long frame() {
    return frame;
  }

  final int length() {
    return length;
  }

  final int network() {
    return network;
  }

  final int nextHop() {
    return nextHop;
  }

  /** Sends what the wire itself has to say; before whatever else is called. */
  void serve(Sender sender) {}

  /** When {@link #serve} has to be called again, by {@link System#nanoTime}. */
  long deadline() {
    return Long.MAX_VALUE;
  }
}
