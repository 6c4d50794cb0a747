package dev.outboard.testkit;

import dev.outboard.spi.NextHop;

/**
 * How frames of a network get from one uplink to another.
 *
 * @param there what the sender opened, or null where guests' addresses are enough
 * @param back what the receiver opened to accept them
 */
record Route(NextHop there, NextHop back) {
  static final Route NONE = new Route(null, null);

  /** What frames carry that take this way. */
  int hop() {
    return there == null ? 0 : there.number();
  }

  /** What they carry when they have arrived. */
  int origin() {
    return back == null ? 0 : back.number();
  }
}
