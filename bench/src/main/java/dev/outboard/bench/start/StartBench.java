package dev.outboard.bench.start;

import dev.outboard.bench.LaunchedSidecar;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Starts the sidecar, waits for the first frame between two guests, and then has it carry all it
 * can.
 */
final class StartBench {
  private final Path folder;
  private final Cpus cpus;
  private final int loadMillis;

  /**
   * One start.
   *
   * @param connectedNanos since the launcher was executed, as is the first frame's time
   * @param residentKib memory once the first frame had come
   * @param loadedKib memory after the load
   * @param curve how the load's rate grew
   * @param state of the processors during the load
   * @param flags of the sidecar's Java machine
   */
  record Start(
      int round,
      StartKind kind,
      long connectedNanos,
      long frameNanos,
      long residentKib,
      long loadedKib,
      WarmUpCurve curve,
      CoreState state,
      List<String> flags) {}

  /**
   * Starts nothing yet.
   *
   * @param folder for the configuration and the sockets
   * @param cpus the first is the guests', the second the worker's
   * @param loadMillis how long the load goes on
   */
  StartBench(Path folder, Cpus cpus, int loadMillis) {
    this.folder = folder;
    this.cpus = cpus;
    this.loadMillis = loadMillis;
  }

  /** Starts once and ends it again. */
  Start once(int round, StartKind kind) throws UserException, InterruptedException, IOException {
    // Or the worker might share the guests' processor, and the load would be a matter of chance.
    String settings = "cpus: [" + cpus.second() + "]\n";
    try (LaunchedSidecar sidecar = new LaunchedSidecar(folder, settings, kind.options())) {
      double before = CoreState.measure(cpus);
      int buckets = loadMillis / StartLoad.BUCKET_MILLIS;
      WarmUpCurve curve = StartLoad.run(sidecar.from(), sidecar.to(), buckets, cpus.first());
      double after = CoreState.measure(cpus);
      return new Start(
          round,
          kind,
          sidecar.connectedNanos(),
          sidecar.frameNanos(),
          sidecar.residentKib(),
          sidecar.resident(),
          curve,
          CoreState.between(before, after),
          sidecar.flags());
    }
  }
}
