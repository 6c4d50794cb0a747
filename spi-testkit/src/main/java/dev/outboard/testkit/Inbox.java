package dev.outboard.testkit;

/** How frames come in by a port, whatever its scope. A worker's. */
interface Inbox extends AutoCloseable {
  /** Receives up to so many frames into an empty place; how many. Allocates nothing. */
  int receive(int limit);

  /** A frame of the last receive. */
  Got got(int i);

  /** The frames of the last receive are not used any more. */
  void release();

  /** Whether the worker may sleep, after a receive that brought nothing. */
  boolean arm();

  @Override
  void close();
}
