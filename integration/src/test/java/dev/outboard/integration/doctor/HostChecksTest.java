package dev.outboard.integration.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.outboard.integration.doctor.Finding.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of hosts with other kernels, settings and VMMs: laid out as files and programs. */
class HostChecksTest {
  private static final String BRIDGE = "proc/sys/net/bridge/bridge-nf-call-iptables";

  @TempDir private Path root;
  private HostFiles files;
  private Programs programs;

  @BeforeEach
  void layOut() throws IOException {
    files = new HostFiles(root);
    programs = new Programs(List.of(Files.createDirectory(root.resolve("bin"))));
    write("proc/sys/kernel/osrelease", "6.1.0");
  }

  static Stream<Arguments> qemus() {
    return Stream.of(
        arguments(
            "QEMU emulator version 7.2.9 (Debian)", "version 7.2; comes back with reconnect=1"),
        arguments("QEMU emulator version 9.2.0", "version 9.2; comes back with reconnect-ms=1000"),
        arguments(
            "QEMU emulator version 10.0.2", "version 10.0; comes back with reconnect-ms=1000"));
  }

  @ParameterizedTest
  @MethodSource("qemus")
  void qemuIsToldHowToComeBack(String version, String expected) throws Exception {
    program("qemu-system-x86_64", "echo '" + version + "'");
    assertEquals(Finding.ok("vmm", "qemu", expected), vmm("qemu"));
  }

  @Test
  void aQemuThatIsTooOldOrFailsIsAWarning() throws Exception {
    program("qemu-system-x86_64", "echo QEMU emulator version 4.2.1");
    assertEquals(State.WARN, vmm("qemu").state());
    program("qemu-system-x86_64", "exit 127");
    assertEquals(State.WARN, vmm("qemu").state());
  }

  @Test
  void aHostNeedsOneVmmNotAll() throws Exception {
    assertEquals("no VMM is on the PATH", vmm("qemu").found());
    Path crosvm = program("crosvm", "true");
    assertEquals(State.OK, vmm("qemu").state());
    assertEquals(Finding.ok("vmm", "crosvm", crosvm.toString()), vmm("crosvm"));
  }

  @Test
  void withoutKvmGuestsAreEmulated() throws Exception {
    assertEquals("there is no /dev/kvm: guests are emulated", vmm("kvm").found());
    write("dev/kvm", "");
    assertEquals(State.OK, vmm("kvm").state());
  }

  @Test
  void hugePagesAreCounted() throws Exception {
    assertEquals("none reserved, none needed", vmm("huge-pages").found());
    write("proc/meminfo", "HugePages_Total:      64\nHugePages_Free:       60\n");
    assertEquals("60 of 64 are free", vmm("huge-pages").found());
  }

  @Test
  void aKernelWithoutWhatWorkersSleepInIsRefused() throws Exception {
    assertEquals(State.OK, kernel("version", true).state());
    write("proc/sys/kernel/osrelease", "5.10.0-28-amd64");
    assertEquals(State.NO, kernel("version", true).state());
  }

  @Test
  void bridgedFramesThatPassADroppingChainAreAWarning() throws Exception {
    assertEquals(State.OK, kernel("bridge-filter", true).state());
    write(BRIDGE, "1\n");
    assertEquals(State.WARN, kernel("bridge-filter", true).state(), "nobody knows");
    program("iptables", "echo -P FORWARD ACCEPT");
    assertEquals(State.OK, kernel("bridge-filter", true).state());
    program("iptables", "echo -P FORWARD DROP; echo -A FORWARD -o docker0 -j DOCKER");
    assertEquals(State.WARN, kernel("bridge-filter", true).state());
    program(
        "iptables",
        "echo -P FORWARD DROP; echo -A FORWARD -m physdev --physdev-is-bridged -j ACCEPT");
    assertEquals(State.OK, kernel("bridge-filter", true).state());
    program("iptables", "exit 4");
    assertEquals(State.WARN, kernel("bridge-filter", true).state(), "not allowed to look");
    write(BRIDGE, "0\n");
    assertEquals(State.OK, kernel("bridge-filter", true).state());
  }

  static Stream<Arguments> namespaces() {
    return Stream.of(
        arguments("proc/sys/user/max_user_namespaces", 0),
        arguments("proc/sys/kernel/unprivileged_userns_clone", 0),
        arguments("proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1));
  }

  @ParameterizedTest
  @MethodSource("namespaces")
  void ordinaryUsersHearWhichSwitchKeepsThemFromNamespaces(String file, int off) throws Exception {
    write(file, (1 - off) + "\n");
    assertEquals(State.OK, kernel("user-namespaces", false).state());
    write(file, off + "\n");
    Finding found = kernel("user-namespaces", false);
    assertEquals(State.WARN, found.state());
    String key = file.substring("proc/sys/".length()).replace('/', '.');
    assertEquals(true, found.remedy().startsWith("sysctl " + key + "="), found.remedy());
    assertEquals(State.OK, kernel("user-namespaces", true).state(), "root needs none");
  }

  private Finding vmm(String name) throws InterruptedException {
    return named(name, new VmmChecks(files, programs).findings());
  }

  private Finding kernel(String name, boolean asRoot) throws InterruptedException {
    return named(name, new KernelChecks(files, programs, asRoot).findings());
  }

  private static Finding named(String name, List<Finding> findings) {
    return findings.stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
  }

  private Path program(String name, String script) throws IOException {
    Path file = Files.writeString(root.resolve("bin").resolve(name), "#!/bin/sh\n" + script + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }
}
