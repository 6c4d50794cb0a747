package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import dev.outboard.spi.Availability;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * How DPDK drives the wire between two hosts, which is no card of its own here. Immutable; called
 * by the command line, this package and {@code figures}.
 */
public enum DpdkDriver {
  /** Sockets that an XDP program in the kernel's driver feeds; who is not root gets none. */
  AF_XDP,
  /** Packet sockets. */
  AF_PACKET;

  private static final String TRANSPORT = "dpdk";

  /** Twice the time between two looks of the transport at its device. */
  private static final long SETTLE_MILLIS = 100;

  private static final Path USERS = Path.of("/proc/self/uid_map");

  /** That everybody is who he is, and root is root. */
  private static final String ALL_USERS = "0 0 4294967295";

  /** The name users see. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether its frames may be longer than 1518 bytes, so that one of full size fits into VXLAN. */
  boolean carriesEnvelopes() {
    return this == AF_XDP;
  }

  /** What it puts on the wire, for a reader. */
  public String words() {
    return label() + (carriesEnvelopes() ? ", VXLAN" : ", plain Ethernet");
  }

  /** A network interface as DPDK names it when this driver has it. */
  public String device(String link) {
    return "net_" + label() + "0,iface=" + link;
  }

  /** Reads a name as users write it. */
  public static DpdkDriver parse(String name) throws UserException {
    return Arrays.stream(values())
        .filter(known -> known.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                UserException.input(
                    "unknown driver '%s' of DPDK; known: %s".formatted(name, known()), null));
  }

  private static String known() {
    return Arrays.stream(values()).map(DpdkDriver::label).collect(Collectors.joining(", "));
  }

  /** Waits until a sidecar has taken over what DPDK's device has counted so far. */
  public static void settle() throws UserException {
    try {
      Thread.sleep(SETTLE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    }
  }

  /** Why it can't be used here, in a line with the remedy; empty if it can. */
  public Optional<String> refusal() {
    Optional<Availability> dpdk =
        ServiceLoader.load(TransportProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(transport -> transport.name().equals(TRANSPORT))
            .map(TransportProvider::probe)
            .findFirst();
    if (dpdk.isEmpty()) {
      return Optional.of("there is no transport " + TRANSPORT);
    }
    if (!dpdk.get().usable()) {
      return Optional.of(dpdk.get().reason() + "; " + dpdk.get().remedy());
    }
    return this == AF_XDP && !isRealRoot()
        ? Optional.of(
            "its driver af_xdp needs root: use sudo (or compare with --dpdk-driver af_packet)")
        : Optional.empty();
  }

  /** Not the root of a user namespace, whom the kernel lets load no program. */
  private static boolean isRealRoot() {
    try {
      return Files.readString(USERS).strip().replaceAll("\\s+", " ").equals(ALL_USERS);
    } catch (IOException e) {
      return true;
    }
  }
}
