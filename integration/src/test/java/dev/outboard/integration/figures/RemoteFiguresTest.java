package dev.outboard.integration.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.JoinedNamespaces;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.SshServer;
import dev.outboard.linux.Processes;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code outboard figures --hosts}: two networks with an sshd each stand for two machines. */
@SideBySide
@Timeout(300)
final class RemoteFiguresTest {
  private static final int PORT = 2222;
  private static final int MTU = 1500;

  @TempDir private Path directory;

  @Test
  void eachHostIsDrivenBySshAndNothingIsLeftThere() throws IOException, InterruptedException {
    Assumptions.assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "no /dev/net/tun on this host");
    Assumptions.assumeTrue(SshServer.isInstalled(), "no sshd: apt-get install openssh-server");
    Path root = Files.createDirectory(directory.resolve("root"));
    RunningDaemon.script(root.resolve("outboard"));
    try (JoinedNamespaces machines = JoinedNamespaces.create(MTU);
        SshServer one = server(machines, 0);
        SshServer other = server(machines, 1)) {
      long far = machines.host(1).pid();
      for (int i = 0; i <= 3; i++) {
        String wire = "wire" + i;
        machines
            .host(0)
            .ip("link", "add", wire, "type", "veth", "peer", "name", wire, "netns", "" + far);
      }
      Path config = directory.resolve("ssh_config");
      Files.writeString(
          config, Files.readString(one.clientConfig()) + Files.readString(other.clientConfig()));
      Path json = directory.resolve("figures.json");
      String[] command = {
        "figures",
        "--hosts",
        "m0,m1",
        "--links",
        "wire0,wire1,wire2,wire3",
        "--root",
        root.toString(),
        "--ssh-config",
        config.toString(),
        "--arms",
        "vmm-tap,tuntap,iouring",
        "--only",
        "2,3",
        "--vms",
        "2",
        "--rounds",
        "1",
        "--seconds",
        "0.05",
        "--json",
        json.toString()
      };
      Outcome outcome = RunningDaemon.command(machines.host(0)::enter, command);
      assertEquals(new Outcome(0, outcome.out(), ""), outcome);
      assertFalse(outcome.out().contains("MISMATCH"), outcome.out());
      assertMeasured(Json.api().readTree(Files.readString(json)));
      assertNothingIsLeft(machines.host(0));
      assertNothingIsLeft(machines.host(1));

      command[4] = "nowhere0,wire1,wire2,wire3";
      Outcome noDevice = RunningDaemon.command(machines.host(0)::enter, command);
      assertEquals(1, noDevice.code(), noDevice.toString());
      assertTrue(noDevice.err().startsWith("outboard: m0: "), noDevice.err());
      assertTrue(noDevice.err().contains("Cannot find device \"nowhere0\""), noDevice.err());
      assertEquals(1, noDevice.err().lines().count(), noDevice.err());
    }
  }

  private SshServer server(JoinedNamespaces machines, int host)
      throws IOException, InterruptedException {
    Path own = Files.createDirectory(directory.resolve("m" + host));
    Namespace machine = machines.host(host);
    return new SshServer(own, "m" + host, machine::enter, machines.address(host), PORT);
  }

  private static void assertMeasured(JsonNode report) {
    assertTrue(report.path("set_up").path("hosts").asText().startsWith("two machines"));
    // Host-host, and three ways of three arms, twice each.
    assertEquals((1 + 3 * 3) * 2, report.path("points").size());
    for (JsonNode point : report.path("points")) {
      assertTrue(point.path("messages").asLong() > 0, point.toString());
      assertEquals(0, point.path("missing").asLong(), point.toString());
      assertEquals(0, point.path("corrupt").asLong(), point.toString());
    }
  }

  private static void assertNothingIsLeft(Namespace machine) {
    String links = machine.ip("-o", "link");
    // Its loopback device, the wire that ssh uses, and all that were taken.
    assertEquals(2 + 4, links.lines().count(), links);
    assertTrue(links.contains("wire3@"), links);
  }
}
