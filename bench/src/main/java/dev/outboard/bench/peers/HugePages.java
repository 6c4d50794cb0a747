package dev.outboard.bench.peers;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Huge pages of 2 MiB, as DPDK's processes want them, for as long as this is open. The number that
 * was there before comes back with the end of the last user, {@code ./check} among them, however it
 * ends: each holds a shared lock, and a shell that waits for the exclusive one puts it back.
 */
final class HugePages implements AutoCloseable {
  private static final String LOCK = "/run/outboard-hugepages.lock";
  private static final String NUMBER = "/proc/sys/vm/nr_hugepages";
  private static final String HOLD =
      """
      exec 8>>"$0"; flock -s 8; previous=$(<"$1")
      if ((previous < $2)); then
        setsid bash -c 'exec 8>&-; exec 9>>"$0"; flock -x 9; echo "$1" >"$2"' \
          "$0" "$previous" "$1" </dev/null >/dev/null 2>&1 &
        echo "$2" >"$1"
      fi
      cat "$1"; cat >/dev/null
      """;

  private final Process holder;

  /**
   * Takes care that there are so many.
   *
   * @throws UserException if memory for them is missing
   */
  HugePages(int wanted) throws UserException {
    try {
      holder =
          new ProcessBuilder("setsid", "bash", "-c", HOLD, LOCK, NUMBER, Integer.toString(wanted))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String line = holder.inputReader(StandardCharsets.UTF_8).readLine();
      int got = line == null ? 0 : Integer.parseInt(line.strip());
      if (got < wanted) {
        close();
        throw new UserException(
            "the kernel gives %d of %d huge pages of 2 MiB: free memory, or restart the machine"
                .formatted(got, wanted));
      }
    } catch (IOException e) {
      throw new UserException("can't reserve huge pages: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    holder.destroy();
    holder.onExit().join();
  }
}
