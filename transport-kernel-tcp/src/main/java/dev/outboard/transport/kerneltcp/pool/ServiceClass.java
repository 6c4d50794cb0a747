package dev.outboard.transport.kerneltcp.pool;

/** How urgent a guest's requests are, as its service level agreement says. Most urgent first. */
public enum ServiceClass {
  /** Sensitive to latency: served first, and room is kept for it. */
  LATENCY,
  /** What a guest has that asks for nothing. */
  STANDARD,
  /** May wait: takes what nobody else wants. */
  BULK
}
