package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where the two guests are. Immutable; called by the command line and this package. */
public enum Topology {
  /** On one host. */
  ONE_HOST,
  /** On a host each, which are two network namespaces joined by a veth pair. */
  TWO_HOST;

  /** The name users see. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads a name as users write it. */
  public static Topology parse(String name) throws UserException {
    return Arrays.stream(values())
        .filter(known -> known.label().equals(name))
        .findFirst()
        .orElseThrow(
            () -> UserException.input("unknown topology '" + name + "'; known: " + known(), null));
  }

  private static String known() {
    return Arrays.stream(values()).map(Topology::label).collect(Collectors.joining(", "));
  }
}
