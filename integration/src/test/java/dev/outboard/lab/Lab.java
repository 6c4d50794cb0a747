package dev.outboard.lab;

import dev.outboard.spi.Availability;
import dev.outboard.spi.TransportProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Assumptions;

/**
 * What the lab needs of its host. A test that cannot run here must say so as a skip with its
 * remedy, which {@code ./check} prints and CI counts as a failure, rather than fail in some obscure
 * way in the middle.
 */
public final class Lab {
  private static final List<String> PROGRAMS =
      List.of(
          "/usr/bin/qemu-system-x86_64",
          "/usr/bin/linux.uml",
          "/usr/bin/dpdk-testpmd",
          "/usr/bin/iperf3",
          "/usr/bin/sockperf",
          "/usr/bin/socat",
          "/usr/sbin/ethtool",
          "/usr/bin/busybox");

  private Lab() {}

  /** Skips the calling test, with the reason, where real guests cannot run. */
  public static void require() {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "real guests need root: sudo ./check");
    for (String program : PROGRAMS) {
      Assumptions.assumeTrue(
          Files.isExecutable(Path.of(program)), program + " is missing: ./check installs it");
    }
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "no /dev/net/tun on this host");
  }

  /** Skips the calling test where there is no DPDK that the transport can use. */
  public static void requireDpdk() {
    Availability dpdk =
        ServiceLoader.load(TransportProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(transport -> transport.name().equals("dpdk"))
            .findFirst()
            .orElseThrow()
            .probe();
    Assumptions.assumeTrue(dpdk.usable(), dpdk.reason() + ": " + dpdk.remedy());
  }

  /** The repository's root: the nearest folder upwards that holds {@code check}. */
  static Path root() {
    String configured = System.getProperty("outboard.root");
    if (configured != null) {
      return Path.of(configured);
    }
    Path here = Path.of("").toAbsolutePath();
    while (here != null && !Files.exists(here.resolve("check"))) {
      here = here.getParent();
    }
    if (here == null) {
      throw new IllegalStateException("run the tests inside the repository");
    }
    return here;
  }
}
