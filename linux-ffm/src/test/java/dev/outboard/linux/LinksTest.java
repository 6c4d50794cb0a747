package dev.outboard.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Devices of the kernel, in private networks. */
class LinksTest {
  private static final long MAC = 0x0252_5400_0001L;

  @Test
  void bridgesAreQuietAndKnowTheirOwner() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          Links.createBridge("br-test", "an owner's text", 1400, MAC);
          Link link = Links.find("br-test").orElseThrow();
          assertEquals(Links.index("br-test"), link.index());
          assertEquals("bridge", link.kind());
          assertEquals("an owner's text", link.alias());
          assertEquals(1400, link.mtu());
          assertEquals(MAC, link.mac());
          assertFalse(link.up());
          String details = ip("-d", "link", "show", "br-test");
          assertTrue(details.contains("forward_delay 0 "), details);
          assertTrue(details.contains("stp_state 0 "), details);
          assertTrue(details.contains("mcast_snooping 0 "), details);
          Links.disableIpv6("br-test");
          Links.setUp("br-test");
          assertTrue(Links.find("br-test").orElseThrow().up());
          assertFalse(ip("addr", "show", "br-test").contains("inet6"));
          LinuxException e =
              assertThrows(LinuxException.class, () -> Links.createBridge("br-test"));
          assertEquals("create bridge br-test: File exists (EEXIST)", e.getMessage());
          Links.deleteBridge("br-test");
          assertEquals(0, Links.index("br-test"));
          assertTrue(Links.find("br-test").isEmpty());
          assertEquals(List.of(), Links.bridges());
          return null;
        });
  }

  @Test
  void portsComeAndGo() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          Links.createBridge("br-test");
          int one = Tap.create("tap-one");
          int two = Tap.create("tap-two");
          Links.addToBridge("br-test", "tap-one");
          Links.addToBridge("br-test", "tap-two");
          assertEquals(Set.of("tap-one", "tap-two"), Set.copyOf(Links.bridgeMembers("br-test")));
          Links.removeFromBridge("tap-one");
          Links.removeFromBridge("tap-one");
          assertEquals(List.of("tap-two"), Links.bridgeMembers("br-test"));
          Links.setMtu("tap-one", 9000);
          Links.setMac("tap-one", MAC);
          Links.setAlias("tap-one", "mine");
          Link link = Links.find("tap-one").orElseThrow();
          assertEquals("tun", link.kind());
          assertEquals(9000, link.mtu());
          assertEquals(MAC, link.mac());
          assertEquals("mine", Links.alias("tap-one"));
          assertEquals("", Links.alias("tap-two"));
          assertEquals(
              Set.of("br-test"),
              Links.bridges().stream().map(Link::name).collect(Collectors.toSet()));
          FileDescriptors.close(one);
          FileDescriptors.close(two);
          assertEquals(0, Links.index("tap-two"));
          return null;
        });
  }

  @Test
  void aGuestPortHearsOnlyItsGuest() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          Links.createBridge("br-test");
          int bridge = Links.index("br-test");
          int tap = Tap.create("tap-one");
          int index = Links.index("tap-one");
          GuestPorts.attach(bridge, index, MAC, 1400, "guest one");
          Link link = Links.find("tap-one").orElseThrow();
          assertEquals(bridge, link.master());
          assertEquals(1400, link.mtu());
          assertEquals("guest one", link.alias());
          assertTrue(link.up());
          String port = ip("-d", "link", "show", "tap-one");
          assertTrue(port.contains("learning off flood off"), port);
          String forwarding = run("bridge", "fdb", "show", "dev", "tap-one");
          assertTrue(forwarding.contains("02:52:54:00:00:01 master br-test static"), forwarding);
          int other = Tap.create("tap-two");
          LinuxException e =
              assertThrows(
                  LinuxException.class,
                  () -> GuestPorts.attach(bridge, Links.index("tap-two"), MAC, 1400, "twin"));
          assertEquals(Errno.EEXIST, e.errno());
          GuestPorts.detach(index);
          link = Links.find("tap-one").orElseThrow();
          assertEquals(0, link.master());
          assertEquals("", link.alias());
          assertFalse(link.up());
          assertFalse(run("bridge", "fdb", "show").contains("02:52:54:00:00:01"));
          GuestPorts.detach(index);
          FileDescriptors.close(tap);
          FileDescriptors.close(other);
          return null;
        });
  }

  @Test
  void groupsAreDeletedAtOnce() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          Links.createBridge("br-one");
          Links.createBridge("br-two");
          int tap = Tap.create("tap-one");
          Links.setGroup("br-one", 4711);
          Links.setGroup("tap-one", 4711);
          assertEquals(4711, Links.find("tap-one").orElseThrow().group());
          Links.deleteGroup(4711);
          assertEquals(0, Links.index("br-one"));
          assertEquals(0, Links.index("tap-one"));
          assertTrue(Links.index("br-two") > 0);
          assertTrue(Links.all().stream().anyMatch(link -> link.name().equals("lo")));
          assertThrows(LinuxException.class, () -> Links.deleteGroup(0));
          FileDescriptors.close(tap);
          return null;
        });
  }

  @Test
  void theHostStaysOffABridge() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          Links.createBridge("br-test");
          Links.keepHostOff("br-test");
          Links.setUp("br-test");
          assertTrue(ip("link", "show", "br-test").contains("NOARP"));
          assertFalse(ip("addr", "show", "br-test").contains("inet"));
          Path filter = Path.of("/proc/sys/net/ipv4/conf/br-test/rp_filter");
          assertEquals("1", Files.readString(filter).trim());
          return null;
        });
  }

  @Test
  void mistakesGetOneLine() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          int tap = Tap.create("tap-one");
          assertLine(
              "add tap-one to bridge nowhere: No such device (ENODEV)",
              () -> Links.addToBridge("nowhere", "tap-one"));
          assertLine(
              "delete bridge tap-one, which is no bridge: Invalid argument (EINVAL)",
              () -> Links.deleteBridge("tap-one"));
          assertLine(
              "delete bridge nowhere: No such device (ENODEV)",
              () -> Links.deleteBridge("nowhere"));
          assertLine("set nowhere up: No such device (ENODEV)", () -> Links.setUp("nowhere"));
          assertLine(
              "set MTU 100000 of tap-one: Invalid argument (EINVAL)",
              () -> Links.setMtu("tap-one", 100_000));
          FileDescriptors.close(tap);
          return null;
        });
  }

  private static void assertLine(String line, Executable call) {
    assertEquals(line, assertThrows(LinuxException.class, call).getMessage());
  }

  @Test
  void manyDevicesAreListedWhole() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          for (int i = 0; i < 60; i++) {
            Links.createBridge("br-" + i, "alias " + i, 1500, 0);
          }
          assertEquals(60, Links.bridges().stream().map(Link::alias).distinct().count());
          return null;
        });
  }

  @Test
  void tapsCarryNamesAndOffloads() throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          int tap = Tap.open("tap-test");
          assertEquals("tap-test", Tap.nameOf(tap));
          assertTrue(FileDescriptors.isNonBlocking(tap));
          Tap.setOffload(tap, Tap.TUN_F_CSUM | Tap.TUN_F_TSO4 | Tap.TUN_F_TSO6);
          assertLine(
              "open TAP tap-test: Device or resource busy (EBUSY)", () -> Tap.create("tap-test"));
          assertThrows(LinuxException.class, () -> Tap.setOffload(tap, Tap.TUN_F_TSO4));
          assertThrows(LinuxException.class, () -> Tap.open("a-name-much-too-long"));
          ip("link", "delete", "tap-test");
          LinuxException e = assertThrows(LinuxException.class, () -> Tap.nameOf(tap));
          assertEquals(Errno.EBADFD, e.errno());
          FileDescriptors.close(tap);
          return null;
        });
  }

  @Test
  void privateNetworksAreOfThreadsAndInherited() throws Exception {
    Path file = Path.of("/proc/thread-self/ns/net");
    String ours = Files.readSymbolicLink(file).toString();
    Namespaces.inPrivateNetwork(
        () -> {
          String inside = Files.readSymbolicLink(file).toString();
          assertFalse(ours.equals(inside));
          String[] child = new String[2];
          Thread thread =
              Thread.ofPlatform()
                  .start(
                      () -> {
                        try {
                          child[0] = Files.readSymbolicLink(file).toString();
                          Processes.joinNetwork(Path.of("/proc/self/ns/net"));
                          child[1] = Files.readSymbolicLink(file).toString();
                        } catch (IOException e) {
                          throw new UncheckedIOException(e);
                        }
                      });
          thread.join();
          assertEquals(inside, child[0]);
          assertEquals(ours, child[1]);
          return null;
        });
    assertEquals(ours, Files.readSymbolicLink(file).toString());
    assertThrows(
        AssertionError.class,
        () ->
            Namespaces.inPrivateNetwork(
                () -> {
                  throw new AssertionError("passed on");
                }));
  }

  private static String ip(String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = "ip";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return run(command);
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }
}
