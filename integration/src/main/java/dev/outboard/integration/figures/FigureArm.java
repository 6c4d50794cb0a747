package dev.outboard.integration.figures;

import dev.outboard.integration.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How microVMs of one host are joined with the other. Immutable. */
public enum FigureArm {
  /** No microVMs: sockets of the two hosts. What all others are a share of; always measured. */
  HOST,
  /** The baseline: each VMM has a TAP on a bridge. */
  VMM_TAP,
  /** A sidecar, its TAPs and a bridge. */
  TUNTAP,
  /** A sidecar on each host, VXLAN between them. */
  IOURING,
  /** A sidecar on each host, between them a wire that DPDK drives. */
  DPDK;

  /** The name users see. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean hasSidecar() {
    return this == TUNTAP || this == IOURING || this == DPDK;
  }

  /** What is at the end of the frames' way where that is a host. */
  String hostEnd() {
    return switch (this) {
      case HOST -> "the veth device";
      case VMM_TAP, TUNTAP -> "the bridge's address";
      case IOURING -> "the kernel's vxlan device";
      case DPDK -> "the kernel's end of a wire of its own";
    };
  }

  /** How often a byte is copied from one microVM to the other. */
  String copies() {
    return switch (this) {
      case HOST -> "2: process to kernel, kernel to process";
      case VMM_TAP -> "2: VMM to TAP, TAP to VMM";
      case TUNTAP -> "2: sidecar to TAP, TAP to sidecar, each from or to guest memory";
      case IOURING ->
          "3: guest to kernel (its socket), kernel to a shared buffer of the sidecar, that to the"
              + " guest";
      case DPDK ->
          "4: guest to DPDK's packet, twice in the kernel (XDP sockets of a veth pair copy), packet to"
              + " guest";
    };
  }

  /** What is passed on without being done, in super-frames and checksums. */
  String offloads() {
    return switch (this) {
      case HOST -> "checksums (veth); datagrams of a frame need no more";
      case VMM_TAP -> "checksums and segmentation of TCP, by the TAP's header";
      case TUNTAP -> "checksums and segmentation of TCP, by the TAP's header";
      case IOURING ->
          "many envelopes in one system call (UDP segmentation and receive coalescing); inner TCP is"
              + " cut by the sidecar; the kernel's vxlan device has its offloads off";
      case DPDK -> "none: TCP is cut by the sidecar, checksums are made by it";
    };
  }

  List<Configuration> configurations() {
    return this == HOST
        ? List.of(Configuration.HOST_HOST)
        : List.of(Configuration.VM_HOST, Configuration.HOST_VM, Configuration.VM_VM);
  }

  /** Those that users may choose among. */
  public static List<String> all() {
    return Arrays.stream(values()).filter(arm -> arm != HOST).map(FigureArm::label).toList();
  }

  static FigureArm parse(String name) throws UserException {
    return Arrays.stream(values())
        .filter(known -> known.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                UserException.input(
                    "unknown arm '" + name + "'; known: " + String.join(", ", all()), null));
  }

  /** Reads names as users write them; the hosts alone come first in any case. */
  public static List<FigureArm> parse(List<String> names) throws UserException {
    List<FigureArm> arms = new ArrayList<>(List.of(HOST));
    for (String name : names) {
      FigureArm arm = parse(name);
      if (arms.contains(arm) && arm != HOST) {
        throw UserException.input("arm '" + name + "' is named twice", null);
      }
      if (arm != HOST) {
        arms.add(arm);
      }
    }
    return arms;
  }
}
