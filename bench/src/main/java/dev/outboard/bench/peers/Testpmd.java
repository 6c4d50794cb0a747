package dev.outboard.bench.peers;

import dev.outboard.guest.dpdk.TestpmdConsole;
import dev.outboard.integration.UserException;
import java.util.ArrayList;
import java.util.List;

/** How both ends run {@code dpdk-testpmd}: the guests, and the peer that is made of it. */
final class Testpmd {
  /** Room for the largest frame in one buffer, for who can't chain them. */
  private static final List<String> APPLICATION =
      List.of(
          "-i",
          "--nb-cores=1",
          "--forward-mode=io",
          "--burst=32",
          "--txd=1024",
          "--rxd=1024",
          "--no-flush-rx",
          "--mbuf-size=9728",
          "--total-num-mbufs=8192");

  private Testpmd() {}

  /** Its command, with these devices and further arguments of the application. */
  static List<String> command(int cpu, List<String> devices, List<String> application) {
    List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", "dpdk-testpmd"));
    command.addAll(List.of("--lcores", "0@" + cpu + ",1@" + cpu, "--in-memory"));
    command.addAll(List.of("--single-file-segments", "-m", "256", "--no-pci", "--no-telemetry"));
    for (String device : devices) {
      command.addAll(List.of("--vdev", device));
    }
    command.add("--");
    command.addAll(APPLICATION);
    command.addAll(application);
    return command;
  }

  /** Waits until it prompts. */
  static TestpmdConsole console(String name, ForeignProcess process) throws UserException {
    try {
      return new TestpmdConsole(process.process());
    } catch (IllegalStateException e) {
      process.close();
      throw new UserException(name + ": " + lastLine(e.getMessage()), e);
    }
  }

  private static String lastLine(String text) {
    return text.strip().lines().reduce("", (_, line) -> line);
  }
}
