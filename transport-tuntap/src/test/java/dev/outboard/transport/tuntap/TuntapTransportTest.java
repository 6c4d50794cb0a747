package dev.outboard.transport.tuntap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Link;
import dev.outboard.linux.Links;
import dev.outboard.linux.Tap;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.TransportException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Devices that come and go: bridges, the pool, what users read about them. */
class TuntapTransportTest {
  @Test
  void bridgesSayWhoseTheyAreAndGoWithTheirLastPort() throws Exception {
    TestHost.run(
        host -> {
          TestGuest one = host.guest(1);
          TestGuest two = host.guest(2);
          Link bridge = onlyBridge();
          assertTrue(bridge.name().matches("ob[0-9a-z]{13}"), bridge.name());
          assertEquals(
              "outboard owner=" + Owner.current() + " uplink=lan network=7 tenant=a",
              bridge.alias());
          assertEquals(1500, bridge.mtu());
          assertTrue(bridge.up());
          assertEquals(2, Links.bridgeMembers(bridge.name()).size());
          Link tap = Links.find(one.port.tap().name()).orElseThrow();
          assertEquals(
              "outboard owner=" + Owner.current() + " uplink=lan guest=guest-1", tap.alias());
          assertEquals(1500, tap.mtu());
          for (Link device : List.of(bridge, tap)) {
            Path ipv6 = Path.of("/proc/sys/net/ipv6/conf", device.name(), "disable_ipv6");
            assertEquals("1", Files.readString(ipv6).trim());
          }
          one.close();
          assertEquals(1, Links.bridges().size());
          two.close();
          awaitNoBridge();
          TestGuest again = host.guest(3);
          assertEquals(bridge.name(), onlyBridge().name(), "names are deterministic");
          again.close();
        });
  }

  @Test
  void closingLeavesNothingBehind() throws Exception {
    TestHost.run(
        host -> {
          for (int i = 1; i <= 20; i++) {
            host.guest(i, i, "a").close();
          }
          host.transport.close();
          assertEquals(List.of("lo"), names());
          host.transport = null;
        },
        "pool.min",
        "3");
  }

  @Test
  void namesStayUnlessAnotherSidecarHasThem() throws Exception {
    TestHost.run(
        host -> {
          String stable = Names.bridge("", "lan", 7, "a");
          TestGuest one = host.guest(1);
          assertEquals(stable, onlyBridge().name());
          one.close();
          awaitNoBridge();
          // In another container, as far as can be told.
          Links.createBridge(stable, "outboard owner=1/2/3 uplink=lan", 1500, 0);
          TestGuest two = host.guest(2);
          String own = Names.bridge(Owner.current().toString(), "lan", 7, "a");
          assertTrue(Links.index(own) > 0);
          assertEquals(1, Links.bridgeMembers(own).size());
          two.close();
          Links.createBridge(Names.bridge("", "lan", 9, "a"));
          Links.createBridge(Names.bridge(Owner.current().toString(), "lan", 9, "a"));
          TransportException e =
              assertThrows(TransportException.class, () -> host.guest(3, 9, "a"));
          assertTrue(e.getMessage().contains("there are devices named ob"), e.getMessage());
          Owner dead = new Owner(Owner.current().pidNamespace(), 1, 1);
          Links.setAlias(Names.bridge("", "lan", 9, "a"), "outboard owner=" + dead + " uplink=lan");
          host.guest(3, 9, "a").close();
        });
  }

  private static List<String> names() throws Exception {
    // The kernel makes a few devices in every new namespace that it has fallback tunnels for.
    return Links.all().stream()
        .map(Link::name)
        .filter(name -> name.equals("lo") || name.startsWith("ob"))
        .toList();
  }

  private static Link onlyBridge() throws Exception {
    List<Link> bridges = Links.bridges();
    assertEquals(1, bridges.size());
    return bridges.getFirst();
  }

  private static void awaitNoBridge() throws Exception {
    for (int i = 0; i < 500 && !Links.bridges().isEmpty(); i++) {
      Thread.sleep(10);
    }
    assertEquals(List.of(), Links.bridges());
  }

  @Test
  void aTapIsUsedAgainWithoutATraceOfItsFormerGuest() throws Exception {
    TestHost.run(
        host -> {
          TestGuest sender = host.guest(1);
          TestGuest former = host.guest(2);
          former.port.receiveOffloads(Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6);
          PooledTap tap = former.port.tap();
          byte[] secret = Packets.plain(TestHost.mac(2), TestHost.mac(1), 200, 1);
          sender.begin();
          for (int i = 0; i < 60; i++) {
            sender.add(secret);
          }
          sender.send();
          former.close();
          sender.send();
          sender.close();
          Link idle = Links.find(tap.name()).orElseThrow();
          assertEquals(0, idle.master());
          assertEquals("", idle.alias());
          assertFalse(idle.up());

          TestGuest other = host.guest(5, 9, "b");
          TestGuest next = host.guest(2, 9, "b");
          TestGuest reuser = next.port.tap().equals(tap) ? next : other;
          assertEquals(tap, reuser.port.tap(), "the pool gives it out again");
          assertEquals(List.of(), next.receive());
          assertEquals(List.of(), other.receive());
          // The offloads of the former guest are gone too: the checksum arrives filled.
          byte[] segment =
              Packets.tcp(
                  TestHost.mac(reuser == next ? 2 : 5),
                  TestHost.mac(reuser == next ? 5 : 2),
                  500,
                  true);
          TestGuest peer = reuser == next ? other : next;
          long checksum = 1 | (long) (Packets.ETHERNET + Packets.IPV4) << 48;
          peer.begin().add(segment, checksum, 16).send();
          byte[] received = Packets.withoutHeader(reuser.receive().getFirst(), 12);
          assertTrue(Packets.isTcpSumRight(received));
          next.close();
          other.close();
        });
  }

  @Test
  void thePoolKeepsWhatItIsToldTo() throws Exception {
    TestHost.run(
        host -> {
          TuntapTransport transport = (TuntapTransport) host.transport;
          awaitIdle(transport, 2);
          TestGuest[] guests = new TestGuest[8];
          for (int i = 0; i < guests.length; i++) {
            guests[i] = host.guest(i);
          }
          awaitIdle(transport, 2);
          for (TestGuest guest : guests) {
            guest.close();
          }
          awaitIdle(transport, 5);
          for (int i = 0; i < 500 && names().size() > 6; i++) {
            Thread.sleep(10);
          }
          assertEquals(6, names().size(), "lo and five TAPs");
        },
        "pool.min",
        "2",
        "pool.max",
        "5");
  }

  private static void awaitIdle(TuntapTransport transport, int taps) throws Exception {
    for (int i = 0; i < 500 && transport.idleTaps() != taps; i++) {
      Thread.sleep(10);
    }
    assertEquals(taps, transport.idleTaps());
  }

  @Test
  void aDeletedTapDoesNotComeBackFromThePool() throws Exception {
    TestHost.run(
        host -> {
          TestGuest one = host.guest(1);
          Trash.delete(List.of(one.port.tap().name()));
          one.close();
          TestGuest two = host.guest(2);
          TestGuest three = host.guest(3);
          byte[] frame = Packets.plain(TestHost.mac(3), TestHost.mac(2), 100, 1);
          two.begin().add(frame).send();
          assertArrayEquals(frame, Packets.withoutHeader(three.receive().getFirst(), 12));
          two.close();
          three.close();
        });
  }

  @Test
  void mistakesGetOneLine() throws Exception {
    TestHost.run(
        host -> {
          TestGuest one = host.guest(1);
          assertLine(
              "uplink lan: no port for guest guest-1: the bridge of network 7, tenant a has a port"
                  + " for 52:54:00:00:00:01 already; each guest needs a MAC address of its own",
              () -> host.transport.openPort(host.spec(1, 7, "a", 1500)));
          assertLine(
              "network 7, tenant a has ports of MTU 1500 on uplink lan, and MTU 9000 was asked for:"
                  + " a network has one MTU",
              () -> host.transport.openPort(host.spec(2, 7, "a", 9000)));
          assertLine(
              "a TAP carries an MTU of at most 65521, network 7, tenant a has 65535",
              () -> host.transport.openPort(host.spec(2, 7, "a", 65_535)));
          TestGuest two = host.guest(2);
          two.close();
          one.close();
          TestGuest large =
              new TestGuest(host, (TapPort) host.transport.openPort(host.spec(2, 7, "a", 9000)));
          assertEquals(9000, onlyBridge().mtu());
          large.close();
        });
  }

  private static void assertLine(String line, Executable call) {
    assertEquals(line, assertThrows(TransportException.class, call).getMessage());
  }

  @Test
  void unusableSettingsAreRefused() {
    TransportException e =
        assertThrows(
            TransportException.class,
            () -> TestHost.run(_ -> {}, "pool.min", "9", "pool.max", "5"));
    assertEquals("uplink lan: pool.min is 9, which is more than pool.max (5)", e.getMessage());
  }

  @Test
  void theHostsOwnStackNeitherSpeaksNorListens() throws Exception {
    TestHost.run(
        host -> {
          run("ip", "link", "set", "lo", "up");
          run("ip", "addr", "add", "10.9.9.9/32", "dev", "lo");
          try (TestGuest one = host.guest(1);
              DatagramSocket socket = new DatagramSocket(4000)) {
            socket.setSoTimeout(100);
            Link bridge = onlyBridge();
            byte[] question = Packets.arpRequest(TestHost.mac(1), 0x0a090901, 0x0a090909);
            byte[] toHost = Packets.udp(bridge.mac(), TestHost.mac(1), 0x0a090901, 0x0a090909);
            byte[] toAll = Packets.udp(Packets.BROADCAST, TestHost.mac(1), 0x0a090901, 0x0a090909);
            one.begin().add(question).add(toHost).add(toAll).send();
            assertThrows(
                SocketTimeoutException.class,
                () -> socket.receive(new DatagramPacket(new byte[100], 100)));
            assertEquals(List.of(), one.receive());
            // The same frames reach a host that has not been told to keep off.
            Files.writeString(Path.of("/proc/sys/net/ipv4/conf", bridge.name(), "rp_filter"), "0");
            run("ip", "link", "set", bridge.name(), "arp", "on");
            one.send();
            socket.receive(new DatagramPacket(new byte[100], 100));
          }
        });
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
  }

  @Test
  void devicesOfOthersAreLeftAlone() throws Exception {
    TestHost.run(
        host -> {
          Links.createBridge("br0", "somebody's", 1500, 0);
          Links.createBridge("obfake", "outboard owner=nonsense", 1500, 0);
          // A process of another container: it can't be seen from here, and may well live.
          Links.createBridge("obother", "outboard owner=1/2/3 uplink=x", 1500, 0);
          Links.createBridge("obalive", "outboard owner=" + Owner.current() + " x", 1500, 0);
          Owner dead = new Owner(Owner.current().pidNamespace(), 1, 1);
          Links.createBridge("obdead", "outboard owner=" + dead + " uplink=x", 1500, 0);
          Links.createBridge("br-dead", "outboard owner=" + dead + " uplink=x", 1500, 0);
          int tap = Tap.create("obdead-tap");
          Links.setAlias("obdead-tap", "outboard owner=" + dead + " uplink=x guest=y");
          Bridges.repair();
          List<String> left = Links.bridges().stream().map(Link::name).sorted().toList();
          assertEquals(List.of("br-dead", "br0", "obalive", "obfake", "obother"), left);
          assertTrue(Links.index("obdead-tap") > 0);
          FileDescriptors.close(tap);
          left.forEach(
              name -> {
                try {
                  Links.deleteBridge(name);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
        });
  }
}
