package dev.outboard.integration.figures;

import java.util.Locale;

/** Who talks with whom: the first asks or sends, from host a; the second is on host b. */
public enum Configuration {
  /** Two processes. */
  HOST_HOST("end", "end"),
  /** A microVM and a process of the other host. */
  VM_HOST("guest", "end"),
  /** A process and a microVM of the other host. */
  HOST_VM("end", "guest"),
  /** Two microVMs. */
  VM_VM("guest", "guest");

  private final String from;
  private final String to;

  Configuration(String from, String to) {
    this.from = from;
    this.to = to;
  }

  /** The name users see. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As the load's process calls it. */
  String from() {
    return from;
  }

  String to() {
    return to;
  }
}
