package dev.outboard.integration.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the daemon and its transports need of the kernel, and what may get in their way. */
final class KernelChecks {
  private static final String GROUP = "kernel";

  /** The first with epoll_pwait2. */
  private static final ReleaseNumber OLDEST = new ReleaseNumber(5, 11);

  private static final String BRIDGE_FILTER = "/proc/sys/net/bridge/bridge-nf-call-iptables";
  private static final String LET_BRIDGED_PASS =
      "sysctl net.bridge.bridge-nf-call-iptables=0, or: iptables -I FORWARD -m physdev"
          + " --physdev-is-bridged -j ACCEPT";

  private final HostFiles files;
  private final Programs programs;
  private final boolean root;

  KernelChecks(HostFiles files, Programs programs, boolean root) {
    this.files = files;
    this.programs = programs;
    this.root = root;
  }

  List<Finding> findings() throws InterruptedException {
    List<Finding> all = new ArrayList<>();
    all.add(version());
    all.add(userNamespaces());
    all.add(bridgeFilter());
    return all;
  }

  private Finding version() {
    ReleaseNumber kernel = ReleaseNumber.ofKernel(files);
    String found = "Linux " + files.text("/proc/sys/kernel/osrelease").orElse("unknown");
    return kernel.isBefore(OLDEST)
        ? Finding.no(
            GROUP, "version", found + " has no epoll_pwait2", "use Linux " + OLDEST + " or later")
        : Finding.ok(GROUP, "version", found);
  }

  /** Only 'compare' of an ordinary user needs them. */
  private Finding userNamespaces() {
    if (root) {
      return Finding.ok(GROUP, "user-namespaces", "not needed: this is root");
    }
    if (files.is("/proc/sys/user/max_user_namespaces", 0)) {
      return withoutNamespaces("there may be none", "sysctl user.max_user_namespaces=10000");
    }
    if (files.is("/proc/sys/kernel/unprivileged_userns_clone", 0)) {
      return withoutNamespaces(
          "they are for root only", "sysctl kernel.unprivileged_userns_clone=1");
    }
    if (files.is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1)) {
      return withoutNamespaces(
          "AppArmor restricts them", "sysctl kernel.apparmor_restrict_unprivileged_userns=0");
    }
    return Finding.ok(GROUP, "user-namespaces", "usable");
  }

  private static Finding withoutNamespaces(String reason, String remedy) {
    return Finding.warn(
        GROUP,
        "user-namespaces",
        reason + ": this user can't run 'outboard compare'",
        remedy + ", or run as root");
  }

  /**
   * With br_netfilter, frames between TAPs of one bridge pass the rules for routed packets; Docker
   * has those drop what is not its own. Guests then hear nobody, and nothing says why.
   */
  private Finding bridgeFilter() throws InterruptedException {
    String name = "bridge-filter";
    if (!files.is(BRIDGE_FILTER, 1)) {
      return Finding.ok(GROUP, name, "frames on bridges don't pass iptables");
    }
    String passes = "frames of tuntap's bridges pass iptables (bridge-nf-call-iptables is 1)";
    Optional<Path> iptables = programs.find("iptables");
    Optional<String> rules =
        iptables.isEmpty() ? Optional.empty() : Programs.output(iptables.get(), "-S", "FORWARD");
    if (rules.isEmpty()) {
      return Finding.warn(
          GROUP,
          name,
          passes + ", whose rules can't be seen (that takes root and iptables)",
          LET_BRIDGED_PASS);
    }
    List<String> lines = rules.get().lines().toList();
    boolean letsBridgedPass =
        lines.stream().anyMatch(l -> l.contains("--physdev-is-bridged") && l.contains("ACCEPT"));
    return lines.contains("-P FORWARD ACCEPT") || letsBridgedPass
        ? Finding.ok(GROUP, name, passes + ", which lets them through")
        : Finding.warn(
            GROUP,
            name,
            passes + ", whose chain FORWARD drops what no rule accepts (as Docker sets it)",
            LET_BRIDGED_PASS);
  }
}
