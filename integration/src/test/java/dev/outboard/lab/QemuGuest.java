package dev.outboard.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A QEMU microvm: a real VMM with the most complete vhost-user frontend there is, which serves the
 * config space and the control queue itself. It emulates the processor (no KVM is assumed), so its
 * guests are slow: compare its figures with each other only. With a TAP instead of a socket it is
 * the legacy baseline: a network device inside the VMM, as in Firecracker.
 */
public final class QemuGuest extends LinuxGuest {

  /** QEMU options appended to ours, for a test that wants something special; each may be empty. */
  public record Extra(String chardev, String netdev, String device) {
    public static final Extra NONE = new Extra("", "", "");

    /** Such as {@code reconnect=1} or {@code server=on,wait=off}. */
    public static Extra chardev(String options) {
      return new Extra(options, "", "");
    }

    /** Such as {@code packed=on,host_mtu=1400}. */
    public static Extra device(String options) {
      return new Extra("", "", options);
    }
  }

  private static final String NO_REBOOT = "-no-reboot";

  // By a triple fault: a microvm has no keyboard controller to ask for a reset.
  private static final String KERNEL_LINE = "console=ttyS0 panic=-1 reboot=t ";

  private QemuGuest(GuestConfig config, List<String> command) {
    super(config, command, Map.of());
  }

  /** A guest whose network device is served at the vhost-user socket. */
  public static QemuGuest vhostUser(GuestConfig config, Path socket, Extra extra) {
    return new QemuGuest(config, vhostUserCommand(config, socket, extra));
  }

  /**
   * A guest that may {@link #reboot}. The others end when they would: so a guest that panics says
   * so at once.
   */
  public static QemuGuest rebooting(GuestConfig config, Path socket, Extra extra) {
    List<String> command = vhostUserCommand(config, socket, extra);
    command.remove(NO_REBOOT);
    return new QemuGuest(config, command);
  }

  private static List<String> vhostUserCommand(GuestConfig config, Path socket, Extra extra) {
    List<String> network = new ArrayList<>();
    network.add("-chardev");
    network.add(join("socket,id=net,path=" + socket, extra.chardev));
    network.add("-netdev");
    network.add(join("vhost-user,id=n0,chardev=net", extra.netdev));
    return command(config, network, extra);
  }

  public static QemuGuest vhostUser(GuestConfig config, Path socket) {
    return vhostUser(config, socket, Extra.NONE);
  }

  /** A guest whose network device QEMU serves itself, on a TAP of the namespace. */
  public static QemuGuest tap(GuestConfig config, Namespace namespace, String tap) {
    String netdev = "tap,id=n0,ifname=" + tap + ",script=no,downscript=no,vhost=off";
    return new QemuGuest(
        config, namespace.enter(command(config, List.of("-netdev", netdev), Extra.NONE)));
  }

  private static List<String> command(GuestConfig config, List<String> network, Extra extra) {
    GuestImage image = GuestImage.get();
    String memory = config.memoryMib() + "M";
    List<String> command = new ArrayList<>(List.of("qemu-system-x86_64"));
    command.addAll(List.of("-M", "microvm,memory-backend=m0", "-cpu", "max", "-m", memory));
    command.addAll(List.of("-accel", "tcg,thread=single,tb-size=64"));
    if (extra.netdev.contains("queues=")) {
      // A driver uses no more queues than it has processors.
      command.addAll(List.of("-smp", "2"));
    }
    // shared memory: the backend maps it
    command.addAll(List.of("-object", "memory-backend-memfd,id=m0,share=on,size=" + memory));
    command.addAll(List.of("-nodefaults", "-no-user-config", "-nographic", NO_REBOOT));
    command.addAll(List.of("-chardev", "stdio,id=console,signal=off"));
    command.addAll(List.of("-serial", "chardev:console"));
    command.addAll(List.of("-kernel", image.kernel() + "", "-initrd", image.initrd() + ""));
    command.addAll(List.of("-append", KERNEL_LINE + clock() + config.kernelArguments()));
    if (config.ip() != null) {
      command.addAll(network);
      command.addAll(List.of("-global", "virtio-mmio.force-legacy=false"));
      command.addAll(
          List.of(
              "-device", join("virtio-net-device,netdev=n0,mac=" + config.mac(), extra.device)));
    }
    return command;
  }

  /**
   * Tells the guest the speed of its clock, which under emulation is the host's: calibrating it
   * against emulated timers hangs some boots.
   */
  private static String clock() {
    long kilohertz = Math.round(bogomips() * 500);
    long loopsPerJiffy = kilohertz * 1000 / 250;
    return "quiet loglevel=1 random.trust_cpu=on no_timer_check tsc_early_khz="
        + kilohertz
        + " lpj="
        + loopsPerJiffy;
  }

  private static double bogomips() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("bogomips"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String join(String options, String more) {
    return more.isEmpty() ? options : options + "," + more;
  }
}
