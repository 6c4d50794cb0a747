package dev.outboard.guest;

/**
 * The other guest of a load while the load runs, in a thread or a process of its own. Called by the
 * thread that drives the first guest.
 */
interface LoadPeer {
  /** Hot: how far it has received, as {@link FrameCheck#position}. */
  long arrived();

  /** Whether it has ended by itself. */
  boolean hasFailed();

  /** Stops it, waits until it has, and throws what it has thrown. */
  void join();
}
