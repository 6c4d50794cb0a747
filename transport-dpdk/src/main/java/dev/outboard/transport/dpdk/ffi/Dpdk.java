package dev.outboard.transport.dpdk.ffi;

import java.util.Optional;

/** Whether there is a DPDK that this code knows. Any thread; nothing is started. */
public final class Dpdk {
  private static final String INSTALL =
      "install it (Debian, Ubuntu: apt-get install dpdk librte-meta-allpmds)";
  private static final String REPLACE =
      "use DPDK 22.11, 23.11, 24.11 or 25.11 as its distribution builds it (Debian, Ubuntu: package dpdk)";

  /** What stands in the way, and what to do about it; a line each. */
  public record Refusal(String reason, String remedy) {}

  private static Optional<Refusal> answer;

  private Dpdk() {}

  /** Why DPDK can't be used here, or nothing. What is found stays so. */
  public static synchronized Optional<Refusal> refusal() {
    if (answer == null || answer.isPresent()) {
      answer = ask();
    }
    return answer;
  }

  private static Optional<Refusal> ask() {
    if (!System.getProperty("os.arch").equals("amd64")) {
      return Optional.of(
          new Refusal("DPDK's layouts are known for x86-64 only", "use another transport here"));
    }
    Libraries.Found found = Libraries.find();
    return found.layout() == null
        ? Optional.of(new Refusal(found.missing(), INSTALL))
        : FastPathCheck.refusal(found.layout(), Libraries.symbol(FastPath.TABLE))
            .map(reason -> new Refusal(reason, REPLACE));
  }

  /** The version of the binary interface that was found. */
  public static int abi() {
    return Libraries.loaded().layout().abi();
  }
}
