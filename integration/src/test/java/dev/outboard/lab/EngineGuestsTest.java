package dev.outboard.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unmodified Linux guests of two VMMs, and DPDK, over the engine's shared memory. */
class EngineGuestsTest {
  @TempDir Path folder;

  @BeforeAll
  static void hostCanRunGuests() {
    Lab.require();
  }

  @Test
  void qemuToUml() throws Exception {
    try (Engine engine = start();
        LinuxGuest one = QemuGuest.vhostUser(GuestConfig.of(1), attach(engine, 1));
        LinuxGuest two = UmlGuest.vhostUser(GuestConfig.of(2), attach(engine, 2))) {
      assertEquals(two.config().mac(), two.mac());
      measure("QEMU to UML", one, two);
    }
  }

  @Test
  void umlToUml() throws Exception {
    try (Engine engine = start();
        LinuxGuest one = UmlGuest.vhostUser(GuestConfig.of(1), attach(engine, 1));
        LinuxGuest two = UmlGuest.vhostUser(GuestConfig.of(2), attach(engine, 2))) {
      measure("UML to UML", one, two);
    }
  }

  @Test
  void qemuToQemu() throws Exception {
    try (Engine engine = start();
        LinuxGuest one = QemuGuest.vhostUser(GuestConfig.of(1), attach(engine, 1));
        LinuxGuest two = QemuGuest.vhostUser(GuestConfig.of(2), attach(engine, 2))) {
      measure("QEMU to QEMU", one, two);
    }
  }

  @Test
  void dpdk() throws Exception {
    try (Engine engine = start();
        Testpmd frontend =
            Testpmd.virtioUser(Testpmd.Options.DEFAULT, attach(engine, 1), attach(engine, 2))) {
      frontend.command("set txpkts 64");
      frontend.command("start tx_first 8");
      frontend.stats();
      Thread.sleep(1000);
      List<Testpmd.PortStats> ports = frontend.stats();
      frontend.command("stop");
      assertTrue(ports.get(0).rxRate() > 0 && ports.get(1).rxRate() > 0, ports + "");
      System.out.println("DPDK virtio-user, Mpps both ways: " + ports);
    }
  }

  private static void measure(String name, LinuxGuest one, LinuxGuest two) {
    String address = two.config().address();
    two.awaitReady();
    one.run("ping -c 1 -W 9 " + address);
    one.run("ping -c 1 -W 9 " + two.config().address6());
    Iperf3.serve(two);
    Iperf3 tcp = Iperf3.tcp(one, address, 1);
    assertTrue(tcp.gbits() > 0.01, "" + tcp);
    Sockperf.serve(two);
    System.out.println(name + ": " + tcp + ", " + Sockperf.udp(one, address, 64, 1));
  }

  private static Engine start() throws EngineException {
    return Engine.start(
        EngineSettings.defaults(), new Shared(), Engine.epoll(), System.out::println);
  }

  /** Declares guest {@code n} of the lab, and returns its socket. */
  private Path attach(Engine engine, int n) throws EngineException {
    GuestConfig config = GuestConfig.of(n);
    Path socket = folder.resolve("guest" + n + ".sock");
    engine.attach(
        new GuestSpec(
            config.name(),
            "tenant",
            1,
            MacAddress.parse(config.mac()),
            List.of(), // testpmd has addresses of its own
            GuestSocket.listen(socket),
            1500,
            Optional.empty(),
            true));
    return socket;
  }
}
