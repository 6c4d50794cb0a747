package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One of the ways that are compared. Immutable; called by the command line and this package. */
public enum Arm {
  /** Shared memory through a sidecar. */
  LOCAL("vhost-user", "both guests in one thread on CPU %1$d, the sidecar's worker on CPU %2$d"),
  /** A sidecar, its TAPs and a bridge. */
  TUNTAP("vhost-user", "both guests in one thread on CPU %1$d, the sidecar's worker on CPU %2$d"),
  /** The legacy baseline: each VMM has a TAP on a bridge, and there is no sidecar. */
  VMM_TAP(
      "vmm-tap",
      "a guest and its VMM in one thread on CPU %1$d, the other guest and VMM on CPU %2$d"),
  /** Two plain processes in two namespaces. */
  HOST("host", "a process on CPU %1$d, the other on CPU %2$d");

  private final String load;
  private final String layout;

  Arm(String load, String layout) {
    this.load = load;
    this.layout = layout;
  }

  /** The name users see. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the load's process calls it. */
  String load() {
    return load;
  }

  boolean hasSidecar() {
    return this == LOCAL || this == TUNTAP;
  }

  boolean hasTaps() {
    return this == TUNTAP || this == VMM_TAP;
  }

  /** Which thread is on which processor. */
  String layout(Cpus cpus) {
    return String.format(Locale.ROOT, layout, cpus.first(), cpus.second());
  }

  /** Reads names as users write them; refuses unknown and repeated ones. */
  public static List<Arm> parse(List<String> names) throws UserException {
    List<Arm> arms = new ArrayList<>();
    for (String name : names) {
      Arm arm =
          Arrays.stream(values())
              .filter(known -> known.label().equals(name))
              .findFirst()
              .orElseThrow(
                  () -> UserException.input("unknown arm '" + name + "'; known: " + known(), null));
      if (arms.contains(arm)) {
        throw UserException.input("arm '" + name + "' is named twice", null);
      }
      arms.add(arm);
    }
    return arms;
  }

  private static String known() {
    return Arrays.stream(values()).map(Arm::label).collect(Collectors.joining(", "));
  }
}
