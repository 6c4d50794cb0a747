package dev.outboard.guest;

/**
 * Tells the guest that answers or takes frames when a load is over. Read by that guest's thread.
 */
interface StopSign {
  /** Hot: whether to stop now. */
  boolean isStopped();
}
