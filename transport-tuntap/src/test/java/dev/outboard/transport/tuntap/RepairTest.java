package dev.outboard.transport.tuntap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.Link;
import dev.outboard.linux.Links;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sidecar is killed with guests attached; the next one clears away what is left. */
class RepairTest {
  @Test
  void bridgesOfAKilledProcessAreDeletedAtTheNextStart() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          Process victim =
              new ProcessBuilder(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "--enable-native-access=ALL-UNNAMED",
                      "-Xmx64m",
                      "-cp",
                      System.getProperty("java.class.path"),
                      Victim.class.getName())
                  .redirectError(ProcessBuilder.Redirect.INHERIT)
                  .start();
          try {
            assertEquals('r', victim.getInputStream().read());
            List<Link> before = Links.bridges();
            assertEquals(2, before.size());
            Owner owner = Names.owner(before.getFirst().name(), before.getFirst().alias());
            assertEquals(victim.pid(), owner.pid());
            Bridges.repair();
            assertEquals(2, Links.bridges().size(), "the owner lives");
          } finally {
            victim.destroyForcibly().waitFor();
          }
          assertEquals(2, Links.bridges().size(), "bridges outlive their process");
          TestHost.inThisNetwork(
              host -> {
                assertEquals(List.of(), Links.bridges());
                TestGuest guest = host.guest(1);
                assertEquals(1, Links.bridges().size());
                guest.close();
              });
          return null;
        });
  }

  @Test
  void anOwnerIsKnownByMoreThanItsPid() throws Exception {
    Owner self = Owner.current();
    assertEquals(self, Owner.parse(self.toString()));
    assertEquals(ProcessHandle.current().pid(), self.pid());
    assertTrue(new Owner(self.pidNamespace(), self.pid(), self.startTicks() - 1).isGone());
    assertTrue(new Owner(self.pidNamespace(), Integer.MAX_VALUE, 1).isGone());
    assertEquals(false, self.isGone());
    assertEquals(false, new Owner(1, Integer.MAX_VALUE, 1).isGone());
    assertNotEquals(self, Owner.parse("1/2/3"));
    assertEquals(null, Owner.parse("1/2"));
    assertEquals(null, Owner.parse("a/b/c"));
  }

  /** A sidecar in the network of its parent. */
  static final class Victim {
    public static void main(String[] arguments) throws Exception {
      Processes.dieWithParent();
      TestHost.inThisNetwork(
          host -> {
            TestGuest _ = host.guest(1, 7, "a");
            TestGuest _ = host.guest(2, 7, "b");
            System.out.print('r');
            System.out.flush();
            Thread.sleep(60_000);
          });
    }
  }
}
