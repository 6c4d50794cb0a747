package dev.outboard.integration.compare;

import java.util.Arrays;

/** What a reader should know of an arm. Immutable. */
enum Way {
  LOCAL("shared memory through a sidecar", "1: guest to guest", "none: it is a way within a host"),
  IOURING(
      "a sidecar on each host, VXLAN over UDP between them",
      "none: it is a way between hosts",
      "3: into the kernel, out of it, to the guest"),
  KERNEL_TCP(
      "a sidecar on each host, connections of TCP between them",
      "none: it is a way between hosts",
      "3: into the kernel, out of it, to the guest"),
  KERNEL_TCP_TLS(
      "a sidecar on each host, connections of TCP between them, with TLS",
      "none: it is a way between hosts",
      "9: to the encryption and into the kernel 4, out of it and of the encryption 4, to the guest"),
  DPDK(
      "a sidecar on each host, and between them a device that DPDK drives past the kernel's stack",
      "none: it is a way between hosts",
      "2 and the driver's: into DPDK's packet, out of it to the guest; af_xdp and af_packet have"
          + " the kernel copy twice between the ends of a veth pair"),
  TUNTAP(
      "a sidecar, its TAPs and a Linux bridge",
      "2: into the kernel, out of it",
      "2: into the kernel, out of it"),
  VMM_TAP(
      "no sidecar: each VMM has a TAP on a Linux bridge, as Firecracker does",
      "2: into the kernel, out of it",
      "2: into the kernel, out of it"),
  HOST(
      "no guests: two plain processes with UDP sockets",
      "2: into the kernel, out of it",
      "2: into the kernel, out of it");

  private final String words;
  private final String copies;
  private final String copiesBetween;

  Way(String words, String copies, String copiesBetween) {
    this.words = words;
    this.copies = copies;
    this.copiesBetween = copiesBetween;
  }

  static Way of(String arm) {
    return Arrays.stream(values())
        .filter(way -> Arm.valueOf(way.name()).label().equals(arm))
        .findFirst()
        .orElseThrow();
  }

  String words() {
    return words;
  }

  /** Of a byte of payload, on one host. */
  String copies() {
    return copies;
  }

  /** The same between two. */
  String copiesBetween() {
    return copiesBetween;
  }

  boolean isBaseline() {
    return this == VMM_TAP;
  }
}
