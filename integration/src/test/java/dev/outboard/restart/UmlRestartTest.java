package dev.outboard.restart;

import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.UmlGuest;
import dev.outboard.testing.SideBySide;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two user-mode Linuxes, of which one ends or loads its driver anew. UML is VMM and guest in one: a
 * reboot is a new process, on a new connection.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SideBySide
final class UmlRestartTest {
  private static final int RELOADS = 3;

  private Path folder;
  private DaemonProcess daemon;
  private UmlGuest one;
  private UmlGuest two;

  @BeforeAll
  void boot(@TempDir Path directory) throws Exception {
    Lab.require();
    folder = directory;
    Path config = folder.resolve("c.yaml");
    Files.writeString(config, "guests:\n" + declaration(1) + declaration(2));
    String api = folder.resolve("api.sock").toString();
    daemon = new DaemonProcess(DaemonProcess.java(), "--config", config.toString(), "--api", api);
    daemon.awaitReady();
    one = UmlGuest.vhostUser(GuestConfig.of(1), socket(1));
    two = UmlGuest.vhostUser(GuestConfig.of(2), socket(2));
    reachEachOther();
  }

  @AfterAll
  void end() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {one, two, daemon}) {
      if (each != null) {
        each.close();
      }
    }
  }

  private Path socket(int number) {
    return folder.resolve(number + ".sock");
  }

  private String declaration(int number) {
    GuestConfig guest = GuestConfig.of(number);
    return "  - {id: %s, mac: '%s', frontend: uml, socket: %s}%n"
        .formatted(guest.name(), guest.mac(), socket(number));
  }

  private void reachEachOther() {
    one.awaitReady();
    two.awaitReady();
    ping(one, two);
    ping(two, one);
  }

  private static void ping(LinuxGuest from, LinuxGuest to) {
    from.run("ping -c 1 -W 15 " + to.config().address());
  }

  @Test
  void aGuestThatIsKilledAndBootsAgainLeavesNothing() throws Exception {
    Held before = Held.of(daemon.handle().pid());
    two.close();
    two = UmlGuest.vhostUser(GuestConfig.of(2), socket(2));
    reachEachOther();
    before.await(daemon.handle().pid());
  }

  @Test
  void aDriverThatIsReloadedGoesOn() throws Exception {
    Held before = Held.of(daemon.handle().pid());
    for (int i = 0; i < RELOADS; i++) {
      two.reloadDriver();
      reachEachOther();
      before.await(daemon.handle().pid());
    }
  }
}
