package dev.outboard.integration.compare;

import java.util.List;

/**
 * The two guests, the same in every arm: addresses, and rings of the same size. Constants; any
 * thread.
 */
final class Guests {
  static final int RING = 1024;

  private Guests() {}

  /** One guest. */
  record Guest(String id, String mac, String address) {}

  static final Guest A = new Guest("a", "52:54:00:00:00:01", "10.0.0.1");
  static final Guest B = new Guest("b", "52:54:00:00:00:02", "10.0.0.2");

  static final List<Guest> BOTH = List.of(A, B);
}
