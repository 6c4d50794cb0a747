package dev.outboard.lab;

import java.nio.file.Path;

/**
 * A test JVM to be killed: starts one of everything and waits. See {@link LabTest}, which checks
 * that nothing of it is left.
 */
final class LabVictim {
  private LabVictim() {}

  public static void main(String[] args) throws InterruptedException {
    Namespace network = Namespace.create();
    network.tap("tap1");
    LinuxGuest qemu = QemuGuest.tap(GuestConfig.of(1), network, "tap1");
    LinuxGuest uml = UmlGuest.isolated(GuestConfig.of(2));
    Testpmd backend = Testpmd.vhost(Testpmd.Options.DEFAULT, Path.of(args[0], "victim.sock"));
    qemu.awaitReady();
    uml.awaitReady();
    System.out.println("up " + backend.process().pid());
    Thread.sleep(60_000);
  }
}
