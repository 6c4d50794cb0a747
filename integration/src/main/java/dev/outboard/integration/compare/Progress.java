package dev.outboard.integration.compare;

/** Is told how far a comparison is. Called by the thread that runs it. */
public interface Progress {
  /** So many steps there will be. */
  void begin(int steps);

  /** A step begins; the one before is done. */
  void step(String what);
}
