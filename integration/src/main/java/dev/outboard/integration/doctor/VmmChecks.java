package dev.outboard.integration.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The VMMs of this host, and what guests' memory can be made of. None of it stops the sidecar. */
final class VmmChecks {
  private static final String GROUP = "vmm";

  /** The first whose machine 'microvm' takes a memory backend. */
  private static final ReleaseNumber OLDEST_QEMU = new ReleaseNumber(5, 0);

  /** From here on the chardev counts milliseconds. */
  private static final ReleaseNumber MILLIS = new ReleaseNumber(9, 2);

  /** Looked for under these names, told only if they are there. */
  private static final List<String> OTHERS =
      List.of("cloud-hypervisor", "crosvm", "krunvm", "linux.uml", "virsh");

  private final HostFiles files;
  private final Programs programs;

  VmmChecks(HostFiles files, Programs programs) {
    this.files = files;
    this.programs = programs;
  }

  List<Finding> findings() throws InterruptedException {
    List<Finding> all = new ArrayList<>();
    List<Finding> others = new ArrayList<>();
    for (String name : OTHERS) {
      Optional<Path> program = programs.find(name);
      program.ifPresent(path -> others.add(Finding.ok(GROUP, name, path.toString())));
    }
    all.add(qemu(!others.isEmpty()));
    all.addAll(others);
    all.add(kvm());
    all.add(sharedMemory());
    all.add(hugePages());
    return all;
  }

  private Finding qemu(boolean othersThere) throws InterruptedException {
    Optional<Path> program = programs.find("qemu-system-x86_64");
    if (program.isEmpty()) {
      return othersThere
          ? Finding.ok(GROUP, "qemu", "not installed")
          : Finding.warn(
              GROUP,
              "qemu",
              "no VMM is on the PATH",
              "install one, such as QEMU (Debian: qemu-system-x86); docs/attach-your-vmm.md");
    }
    String answer = Programs.output(program.get(), "--version").orElse("");
    ReleaseNumber version = ReleaseNumber.parse(answer);
    if (version.isBefore(OLDEST_QEMU)) {
      return Finding.warn(
          GROUP,
          "qemu",
          program.get() + " does not work, or is older than " + OLDEST_QEMU,
          "install QEMU " + OLDEST_QEMU + " or later");
    }
    String reconnect = version.isBefore(MILLIS) ? "reconnect=1" : "reconnect-ms=1000";
    return Finding.ok(GROUP, "qemu", "version " + version + "; comes back with " + reconnect);
  }

  private Finding kvm() {
    Path device = files.path("/dev/kvm");
    if (!Files.exists(device)) {
      return Finding.warn(
          GROUP,
          "kvm",
          "there is no /dev/kvm: guests are emulated",
          "modprobe kvm_intel or kvm_amd; in a virtual machine, have its host allow nesting");
    }
    return Files.isReadable(device) && Files.isWritable(device)
        ? Finding.ok(GROUP, "kvm", "/dev/kvm is usable")
        : Finding.warn(
            GROUP,
            "kvm",
            "this user may not open /dev/kvm: its guests are emulated",
            "run VMMs as root or in the group kvm: usermod -aG kvm USER");
  }

  private Finding sharedMemory() {
    Path shm = files.path("/dev/shm");
    try {
      long free = Files.getFileStore(shm).getUsableSpace() >> 20;
      return Finding.ok(
          GROUP, "shared-memory", "memfd; files in /dev/shm have " + free + " MiB left");
    } catch (IOException e) {
      return Finding.ok(GROUP, "shared-memory", "memfd; there is no /dev/shm");
    }
  }

  private Finding hugePages() {
    long total = 0;
    long free = 0;
    for (String line : files.lines("/proc/meminfo")) {
      total = line.startsWith("HugePages_Total:") ? number(line) : total;
      free = line.startsWith("HugePages_Free:") ? number(line) : free;
    }
    return Finding.ok(
        GROUP,
        "huge-pages",
        total == 0 ? "none reserved, none needed" : free + " of " + total + " are free");
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}
