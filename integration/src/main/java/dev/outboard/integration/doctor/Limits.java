package dev.outboard.integration.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host's limits that grow with the number of guests. {@link Long#MAX_VALUE} stands for none.
 *
 * @param lockedBytes memory that the process may lock
 * @param kernel its version: what locks memory has changed
 */
record Limits(long openFiles, long mappings, long threads, long lockedBytes, ReleaseNumber kernel) {
  private static final String GROUP = "limit";

  /** Since this version a ring is accounted as memory of the process, and nothing is locked. */
  private static final ReleaseNumber LOCKS_NOTHING = new ReleaseNumber(5, 12);

  private static final long RING_BYTES = 64 << 10;

  /** A bridge numbers its ports with ten bits, and none is 0. */
  private static final int BRIDGE_PORTS = 1023;

  /**
   * Those of this process.
   *
   * @param openFiles after it was raised as far as it goes
   */
  static Limits read(HostFiles files, long openFiles, boolean root) {
    long processes = root ? Long.MAX_VALUE : soft(files, "Max processes");
    long threads = Math.min(processes, ofGroup(files));
    threads = Math.min(threads, orNone(files.number("/proc/sys/kernel/threads-max")));
    threads = Math.min(threads, orNone(files.number("/proc/sys/kernel/pid_max")));
    return new Limits(
        openFiles,
        orNone(files.number("/proc/sys/vm/max_map_count")),
        threads,
        soft(files, "Max locked memory"),
        ReleaseNumber.ofKernel(files));
  }

  private static long soft(HostFiles files, String name) {
    Pattern line = Pattern.compile(Pattern.quote(name) + "\\s+([0-9]+|unlimited)\\s.*");
    for (String limit : files.lines("/proc/self/limits")) {
      Matcher found = line.matcher(limit);
      if (found.matches() && !found.group(1).equals("unlimited")) {
        return Long.parseLong(found.group(1));
      }
    }
    return Long.MAX_VALUE;
  }

  /** The tightest limit of tasks of this process's control group and those around it. */
  private static long ofGroup(HostFiles files) {
    long least = Long.MAX_VALUE;
    for (String line : files.lines("/proc/self/cgroup")) {
      if (line.startsWith("0::/")) {
        Path top = files.path("/sys/fs/cgroup");
        Path group = top.resolve(line.substring("0::/".length()));
        for (; group.startsWith(top) && Files.isDirectory(group); group = group.getParent()) {
          String file = "/" + files.root().relativize(group.resolve("pids.max"));
          least = Math.min(least, orNone(files.number(file)));
        }
      }
    }
    return least;
  }

  private static long orNone(OptionalLong number) {
    return number.orElse(Long.MAX_VALUE);
  }

  /** A finding for each limit. */
  List<Finding> findings(Need need) {
    List<Finding> all = new ArrayList<>();
    all.add(
        enough(
            "open-files",
            need.descriptors(),
            openFiles,
            "LimitNOFILE=1048576 (systemd), --ulimit nofile=1048576 (container), or"
                + " limits.conf"));
    all.add(
        enough(
            "memory-mappings",
            need.mappings(),
            mappings,
            "sysctl vm.max_map_count=" + Math.max(262_144, 2 * need.mappings())));
    all.add(
        enough(
            "threads",
            need.threads(),
            threads,
            "TasksMax=infinity (systemd), --pids-limit (container), ulimit -u, or sysctl"
                + " kernel.threads-max and kernel.pid_max; or isolation: shared"));
    all.add(locked(need));
    all.add(maxGuests(need));
    all.add(bridge(need));
    return all;
  }

  private static Finding enough(String name, long needed, long there, String remedy) {
    String found =
        there == Long.MAX_VALUE
            ? format("needs %,d at most; no limit", needed)
            : format("needs %,d at most, of %,d", needed, there);
    return needed <= there
        ? Finding.ok(GROUP, name, found)
        : Finding.no(GROUP, name, format("needs %,d, may have %,d", needed, there), remedy);
  }

  private Finding locked(Need need) {
    String have = lockedBytes == Long.MAX_VALUE ? "no limit" : (lockedBytes >> 10) + " KiB";
    if (!kernel.isBefore(LOCKS_NOTHING)) {
      return Finding.ok(GROUP, "locked-memory", have + "; Linux " + kernel + " needs none");
    }
    long needed = RING_BYTES * Math.max(1, need.threads() - Need.DAEMON_THREADS);
    return needed <= lockedBytes
        ? Finding.ok(GROUP, "locked-memory", have)
        : Finding.warn(
            GROUP,
            "locked-memory",
            "io_uring of Linux %s locks about %d KiB, may have %s"
                .formatted(kernel, needed >> 10, have),
            "ulimit -l unlimited, LimitMEMLOCK=infinity (systemd), or notifier: epoll");
  }

  private static Finding maxGuests(Need need) {
    return need.guests() <= need.maxGuests()
        ? Finding.ok(GROUP, "max-guests", format("%,d of %,d", need.guests(), need.maxGuests()))
        : Finding.no(
            GROUP,
            "max-guests",
            format("%,d guests are more than max-guests, %,d", need.guests(), need.maxGuests()),
            "max-guests: " + need.guests() + " in the configuration");
  }

  private static Finding bridge(Need need) {
    return need.guests() <= BRIDGE_PORTS
        ? Finding.ok(GROUP, "bridge-ports", "a bridge holds 1,023 ports")
        : Finding.warn(
            GROUP,
            "bridge-ports",
            "a bridge holds 1,023 ports: no more guests of one network and tenant can use tuntap",
            "use several networks, or transport iouring");
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
