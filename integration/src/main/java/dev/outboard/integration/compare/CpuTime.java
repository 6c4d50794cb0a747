package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What all processors of the machine had done at a moment, whoever had them work: processes, kernel
 * threads and interrupts alike. Immutable.
 *
 * @param nanos when that was
 * @param restTicks time that no processor of ours worked: idle, waiting for a disk, stolen
 * @param cpus how many processors there are
 */
public record CpuTime(long nanos, long restTicks, int cpus) {
  private static final Path STAT = Path.of("/proc/stat");
  private static final double TICKS_PER_SECOND = 100;
  private static final int IDLE = 4;
  private static final int IOWAIT = 5;
  private static final int STEAL = 8;

  /** Reads it. */
  public static CpuTime now() throws UserException {
    try {
      return parse(Files.readAllLines(STAT), System.nanoTime());
    } catch (IOException e) {
      throw new UserException("can't read " + STAT + ": " + e.getMessage(), e);
    }
  }

  static CpuTime parse(List<String> lines, long nanos) {
    String[] all = lines.getFirst().strip().split("\\s+", -1);
    long rest = Long.parseLong(all[IDLE]) + Long.parseLong(all[IOWAIT]);
    rest += Long.parseLong(all[STEAL]);
    int cpus = (int) lines.stream().filter(line -> line.matches("cpu\\d.*")).count();
    return new CpuTime(nanos, rest, cpus);
  }

  /** Seconds that have passed since. */
  public double wallSince(CpuTime earlier) {
    return (nanos - earlier.nanos) / 1e9;
  }

  /** Seconds of work since, of all processors together. */
  public double busySince(CpuTime earlier) {
    double rest = (restTicks - earlier.restTicks) / TICKS_PER_SECOND;
    return Math.max(0, wallSince(earlier) * cpus - rest);
  }
}
