package dev.outboard.engine.handover;

import java.util.function.IntUnaryOperator;

/** Replaces file descriptors by their numbers elsewhere; -1 stays what it is: there is none. */
final class Files {
  private Files() {}

  static int change(int file, IntUnaryOperator change) {
    return file < 0 ? -1 : change.applyAsInt(file);
  }
}
