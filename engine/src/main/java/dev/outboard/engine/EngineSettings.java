package dev.outboard.engine;

import java.util.List;

/**
 * How the engine runs.
 *
 * @param workers how many threads move frames; where the isolation policy starts them for guests,
 *     how many there may be
 * @param cpus where each worker is pinned, in order and again from the first; empty: nowhere
 * @param pollMicros how long a worker goes on looking for frames after the last one before it
 *     sleeps; more is faster and costs processor time
 * @param headOfLineMicros how long a frame waits for a destination that has no room
 * @param maxGuests how many guests there can be; memory for the tables is taken at start
 */
public record EngineSettings(
    int workers, List<Integer> cpus, int pollMicros, int headOfLineMicros, int maxGuests) {

  /** One worker, not pinned. */
  public static EngineSettings defaults() {
    return new EngineSettings(1, List.of(), 100, 100, 4096);
  }

  /** Takes a private copy of the processors. */
  public EngineSettings {
    cpus = List.copyOf(cpus);
  }
}
