package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.forwarding.Prefix;
import dev.outboard.guest.ChainShape;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.isolation.Shared;
import dev.outboard.isolation.ThreadPerVm;
import dev.outboard.spi.FrameBurst;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Guests and stations on other hosts: what reaches whom by which uplink, and what does not. */
class RemotesTest {
  private static final long PATIENCE = 5_000_000_000L;
  private static final long NOTHING = 50_000_000L;
  private static final int STRANGER = 99;

  private static byte[] plain(int from, long to) {
    return Frames.ethernet(to, TestHost.endpoint(from).mac(), Frames.TYPE_TEST, new byte[50]);
  }

  private static byte[] plain(int from, int to) {
    return plain(from, TestHost.endpoint(to).mac());
  }

  private static byte[] udp(int from, int to) {
    Endpoint sender = TestHost.endpoint(from);
    Endpoint target = TestHost.endpoint(to);
    byte[] datagram = Frames.udp(sender.ip(), target.ip(), 1, 2, new byte[20]);
    return Frames.ethernet(
        target.mac(),
        sender.mac(),
        Frames.TYPE_IPV4,
        Frames.ipv4Packet(sender.ip(), target.ip(), 17, datagram));
  }

  private static byte[] body(byte[] received) {
    return Arrays.copyOfRange(received, 12, received.length);
  }

  private static VhostUserGuest start(TestHost host, int n) throws Exception {
    return host.start(TwoHosts.guest(host, n), GuestOptions.DEFAULT);
  }

  @Test
  void guestsOfTwoHostsReachEachOtherInOrder() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest two = start(hosts.b, 2);
      TwoHosts.know(hosts.a, 2, "b");
      TwoHosts.know(hosts.b, 1, "a");
      FrameTemplate there =
          FrameTemplate.udp(TestHost.endpoint(1), TestHost.endpoint(2), 300).withContent();
      FrameTemplate back =
          FrameTemplate.udp(TestHost.endpoint(2), TestHost.endpoint(1), 300).withContent();
      FrameCheck atTwo = new FrameCheck(there);
      FrameCheck atOne = new FrameCheck(back);
      TestHost.stream(one, two, there, atTwo, 5_000, 200);
      TestHost.stream(two, one, back, atOne, 5_000, 200);
      assertEquals(5_000, atTwo.frames());
      assertEquals(5_000, atOne.frames());
      assertEquals(0, atTwo.lost() + atTwo.late() + atTwo.corrupt());
      assertEquals(0, atOne.lost() + atOne.late() + atOne.corrupt());
      assertEquals(Map.of(), hosts.a.drops(1));
      assertEquals(5_000, TwoHosts.uplink(hosts.a).sentFrames());
      assertEquals(5_000, TwoHosts.uplink(hosts.a).receivedFrames());
      assertEquals(Map.of(), TwoHosts.uplink(hosts.a).drops());
    }
  }

  @Test
  void superFramesAreCutOnTheWayOutAndJoinedOnTheWayIn() throws Exception {
    try (TwoHosts hosts =
        new TwoHosts(new EngineSettings(1, List.of(), 50, 5_000_000, 16), new Shared())) {
      GuestOptions large =
          GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER).withTxSlots(16);
      VhostUserGuest one = hosts.a.start(TwoHosts.guest(hosts.a, 1), large);
      VhostUserGuest two = start(hosts.b, 2);
      TwoHosts.know(hosts.a, 2, "b");
      TwoHosts.know(hosts.b, 1, "a");
      long frames = 100;
      FrameTemplate template =
          FrameTemplate.tcp(TestHost.endpoint(1), TestHost.endpoint(2), 30_054, 1_000)
              .withContent();
      FrameCheck check = new FrameCheck(template);
      long sent = 0;
      long deadline = System.nanoTime() + PATIENCE;
      while (check.payloadBytes() < frames * template.payloadLength()
          && System.nanoTime() < deadline) {
        if (sent < frames && check.payloadBytes() >= (sent - 2) * template.payloadLength()) {
          sent += one.send(template, sent, 1);
        }
        two.receive(check, 64);
      }
      assertEquals(frames * template.payloadLength(), check.payloadBytes());
      assertEquals(0, check.lost() + check.late() + check.corrupt());
      assertEquals(30L * frames, hosts.wire.carried.get(), "segments under way");
      assertTrue(check.frames() < 30L * frames / 2, check.frames() + " frames were received");
      assertEquals(30L * frames, hosts.a.counters(1).segments());
    }
  }

  @Test
  void neighbourRequestsForRemotesAreAnsweredHere() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      TwoHosts.know(hosts.a, 2, "b");
      Endpoint asker = TestHost.endpoint(1);
      Endpoint asked = TestHost.endpoint(2);
      one.sendFrame(Frames.arpRequest(asker.mac(), asker.ip(), asked.ip()));
      assertArrayEquals(
          Frames.arpReply(asked.mac(), asked.ip(), asker.mac(), asker.ip()),
          body(one.receiveBytes(PATIENCE)));
      assertEquals(0, hosts.wire.carried.get());
    }
  }

  @Test
  void aBroadcastGoesOnceToEachHostThatHasMembers() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest two = start(hosts.b, 2);
      VhostUserGuest three = start(hosts.b, 3);
      TwoHosts.know(hosts.a, 2, "b");
      TwoHosts.know(hosts.a, 3, "b");
      hosts.a.engine.addRemote(TwoHosts.remote(4, "rival", new PeerSpec("up", "c")));
      TwoHosts.know(hosts.b, 1, "a");
      byte[] frame = plain(1, Frames.BROADCAST);
      one.sendFrame(frame);
      assertArrayEquals(frame, body(two.receiveBytes(PATIENCE)));
      assertArrayEquals(frame, body(three.receiveBytes(PATIENCE)));
      assertEquals(1, hosts.wire.carried.get(), "the rival's host does not get it");
      assertNull(two.receiveBytes(NOTHING));
    }
  }

  @Test
  void whatIsForgedOrUnknownReachesNobodyAndIsCounted() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      start(hosts.a, 5);
      hosts.a.start(TwoHosts.guest(hosts.a, 6, "rival", "default"), GuestOptions.DEFAULT);
      TwoHosts.know(hosts.a, 2, "b");
      TwoHosts.know(hosts.a, 3, "c");
      byte[] wrongAddress = udp(2, 1);
      wrongAddress[29] = 77;
      byte[] vlan = plain(2, 1);
      vlan[12] = (byte) 0x81;
      vlan[13] = 0;
      Wire wire = hosts.wire;
      wire.put("b", "a", TestHost.NETWORK, plain(5, 1));
      wire.put("b", "a", TestHost.NETWORK, plain(3, 1));
      wire.put("b", "a", TestHost.NETWORK, plain(STRANGER, 1));
      wire.put("b", "a", TestHost.NETWORK, wrongAddress);
      wire.put("b", "a", TestHost.NETWORK, vlan);
      wire.put("b", "a", TestHost.NETWORK, plain(2, 6));
      wire.put("b", "a", TestHost.NETWORK, plain(2, 3));
      wire.put("b", "a", TestHost.NETWORK, plain(2, STRANGER));
      wire.put("b", "a", TestHost.NETWORK, new byte[13]);
      wire.put("b", "a", TestHost.NETWORK, udp(2, 1));
      assertArrayEquals(udp(2, 1), body(one.receiveBytes(PATIENCE)), "the only one that is right");
      assertNull(one.receiveBytes(NOTHING));
      assertEquals(
          Map.of(
              "forged-source", 2L,
              "unknown-source", 1L,
              "source-ip", 1L,
              "vlan", 1L,
              "other-tenant", 1L,
              "unknown-destination", 2L,
              "bad-frame", 1L),
          TwoHosts.uplink(hosts.a).drops());
      assertEquals(10, TwoHosts.uplink(hosts.a).receivedFrames());
      assertEquals(0, hosts.a.counters(5).receivedFrames());
      assertEquals(0, hosts.a.counters(6).receivedFrames());
    }
  }

  @Test
  void offloadFieldsThatMakeNoSenseReachNobodyAndAreCounted() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      TwoHosts.know(hosts.a, 2, "b");
      long checksum = FrameBurst.NEEDS_CHECKSUM;
      long start = 34L << 48;
      long[][] nonsense = {
        {2 | checksum | start, 6}, // a flag that has no name
        {checksum | 3L << 8 | 8L << 32 | start, 6}, // a kind that has none
        {checksum | start, 100}, // outside the frame
        {checksum | start, -1},
        {checksum | 13L << 48, 6}, // in the Ethernet header
        {checksum | 5L << 8 | start, 6}, // segments of no size
        {5L << 8 | 8L << 32 | start, 6}, // segments without checksums
        {0, 6},
      };
      byte[] frame = udp(2, 1);
      for (long[] fields : nonsense) {
        hosts.wire.put("b", "a", TestHost.NETWORK, frame, fields[0], (int) fields[1]);
      }
      hosts.wire.put("b", "a", TestHost.NETWORK, frame, checksum | start, 6);
      byte[] received = one.receiveBytes(PATIENCE);
      assertArrayEquals(frame, body(received), "the only one that is right");
      assertEquals(FrameBurst.NEEDS_CHECKSUM, received[0]);
      assertNull(one.receiveBytes(NOTHING));
      assertEquals(Map.of("bad-frame", (long) nonsense.length), TwoHosts.uplink(hosts.a).drops());
    }
  }

  @Test
  void aBundleOfDatagramsIsCutForAGuestThatTakesNone() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      TwoHosts.know(hosts.a, 2, "b");
      long fields =
          FrameBurst.NEEDS_CHECKSUM | FrameBurst.GSO_UDP_L4 << 8 | 42L << 16 | 8L << 32 | 34L << 48;
      hosts.wire.put("b", "a", TestHost.NETWORK, udp(2, 1), fields, 6);
      for (int length : new int[] {50, 50, 46}) {
        byte[] received = one.receiveBytes(PATIENCE);
        assertEquals(0, received[0], "what it needs");
        assertEquals(length, body(received).length);
      }
      assertEquals(Map.of(), TwoHosts.uplink(hosts.a).drops());
    }
  }

  @Test
  void aGatewayGetsWhatNobodyKnowsAndMaySendAnything() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.addGateway(
          new GatewaySpec(TestHost.NETWORK, "acme", new PeerSpec("up", "b"), true, Wire.MTU));
      hosts.b.engine.addGateway(
          new GatewaySpec(TestHost.NETWORK, "acme", new PeerSpec("up", "a"), false, Wire.MTU));
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest two = start(hosts.b, 2);
      one.sendFrame(plain(1, 2));
      TestHost.await(() -> TwoHosts.uplink(hosts.b).receivedFrames() == 1);
      assertEquals(
          Map.of("unknown-source", 1L),
          TwoHosts.uplink(hosts.b).drops(),
          "to b it is a default, not a gateway");
      two.sendFrame(plain(2, 1));
      assertArrayEquals(plain(2, 1), body(one.receiveBytes(PATIENCE)));
      two.sendFrame(plain(2, Frames.BROADCAST));
      assertArrayEquals(plain(2, Frames.BROADCAST), body(one.receiveBytes(PATIENCE)));
      hosts.wire.put("b", "a", TestHost.NETWORK, plain(1, 1));
      TestHost.await(() -> TwoHosts.uplink(hosts.a).drops().containsKey("forged-source"));
    }
  }

  @Test
  void withoutAGatewayTheUnknownIsDropped() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      one.sendFrame(plain(1, 2));
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == 1);
      assertEquals(Map.of("unknown-destination", 1L), hosts.a.drops(1));
      assertEquals(0, hosts.wire.carried.get());
    }
  }

  @Test
  void routesChooseTheUplinkByClassAndDestination() throws Exception {
    Wire other = new Wire();
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.openUplink("slow", other.end("a"), Map.of());
      Optional<String> any = Optional.empty();
      Optional<Integer> everywhere = Optional.empty();
      hosts.a.engine.addRoute(
          new RouteSpec("1", everywhere, Optional.of("bulk"), Optional.empty(), "slow", any));
      hosts.a.engine.addRoute(
          new RouteSpec(
              "2",
              Optional.of(TestHost.NETWORK),
              any,
              Optional.of(new Prefix(InetAddress.ofLiteral("10.0.0.64"), 26)),
              "slow",
              Optional.of("x")));
      hosts.a.engine.addRemote(
          TwoHosts.remote(2, new PeerSpec("up", "b"), new PeerSpec("slow", "b")));
      TwoHosts.know(hosts.a, 3, "b");
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest bulk =
          hosts.a.start(TwoHosts.guest(hosts.a, 5, "acme", "bulk"), GuestOptions.DEFAULT);
      one.sendFrame(udp(1, 2));
      one.sendFrame(udp(1, 3));
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == 2);
      assertEquals(2, hosts.wire.carried.get(), "the usual way");
      bulk.sendFrame(udp(5, 2));
      bulk.sendFrame(udp(5, 3));
      TestHost.await(() -> hosts.a.counters(5).sentFrames() == 2);
      assertEquals(1, other.carried.get(), "a bulk guest takes the slow way, where there is one");
      assertEquals(3, hosts.wire.carried.get());
      one.sendFrame(udp(1, 70));
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == 3);
      assertEquals(2, other.carried.get(), "an unknown destination in the range");
      assertEquals(Map.of(), hosts.a.drops(1));
    }
    assertEquals(List.of(), other.complaints);
  }

  @Test
  void aRemoteThatIsForgottenIsNotReachedAndItsPeerIsGivenUp() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      VhostUserGuest one = start(hosts.a, 1);
      TwoHosts.know(hosts.a, 2, "b");
      assertEquals(1, hosts.wire.peers("a"));
      hosts.a.engine.removeRemote("r2");
      assertEquals(0, hosts.wire.peers("a"));
      one.sendFrame(plain(1, 2));
      one.sendFrame(plain(1, Frames.BROADCAST));
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == 2);
      assertEquals(Map.of("unknown-destination", 1L), hosts.a.drops(1));
      assertEquals(0, hosts.wire.carried.get());
      assertEquals(List.of(), hosts.a.engine.remotes());
    }
  }

  @Test
  void mistakesAreToldInOneLine() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      Engine engine = hosts.a.engine;
      engine.attach(TwoHosts.guest(hosts.a, 1));
      TwoHosts.know(hosts.a, 2, "b");
      PeerSpec up = new PeerSpec("up", "b");
      Map<String, RemoteSpec> wrong =
          Map.of(
              "remote 'r2' is there already", TwoHosts.remote(2, up),
              "is taken in network 7 by guest 'g1'", TwoHosts.remote(1, up),
              "unknown uplink 'down', known are: up", TwoHosts.remote(3, new PeerSpec("down", "b")),
              "'no where' is not an endpoint", TwoHosts.remote(4, new PeerSpec("up", "no where")));
      for (Map.Entry<String, RemoteSpec> each : wrong.entrySet()) {
        EngineException e =
            assertThrows(EngineException.class, () -> engine.addRemote(each.getValue()));
        assertTrue(e.getMessage().contains(each.getKey()), e.getMessage());
      }
      RemoteSpec two = TwoHosts.remote(6, up);
      RemoteSpec large =
          new RemoteSpec(
              two.id(), two.tenant(), two.network(), two.mac(), two.addresses(), 1500, two.peers());
      EngineException tooLarge = assertThrows(EngineException.class, () -> engine.addRemote(large));
      assertEquals(
          "remote 'r6': the MTU of network 7 is 1500, uplink 'up' carries at most 1450: set it"
              + " under networks",
          tooLarge.getMessage());
      assertEquals(1, hosts.wire.peers("a"), "what was refused has left nothing");
      assertThrows(EngineException.class, () -> engine.attach(hosts.a.spec(2)), "a remote's MAC");
      assertThrows(EngineException.class, () -> engine.removeRemote("r9"));
    }
  }

  @Test
  void whatADestinationHasNoRoomForIsCountedAtTheUplink() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      int frames = 5_000;
      GuestOptions options = GuestOptions.DEFAULT.withQueueSize(64);
      VhostUserGuest one = hosts.a.start(TwoHosts.guest(hosts.a, 1), options);
      TwoHosts.know(hosts.a, 2, "b");
      FrameTemplate template = FrameTemplate.raw(TestHost.endpoint(2), TestHost.endpoint(1), 100);
      byte[] frame = plain(2, 1);
      for (int i = 0; i < frames; i++) {
        hosts.wire.put("b", "a", TestHost.NETWORK, frame);
      }
      TestHost.await(() -> TwoHosts.uplink(hosts.a).receivedFrames() == frames);
      FrameCheck check = new FrameCheck(template);
      long received = 0;
      for (int got = one.receive(check, 64); got > 0; got = one.receive(check, 64)) {
        received += got;
      }
      Map<String, Long> drops = TwoHosts.uplink(hosts.a).drops();
      long dropped = drops.values().stream().mapToLong(Long::longValue).sum();
      assertTrue(dropped > 0 && received > 0, received + " received, " + drops);
      assertEquals(frames, received + dropped, drops.toString());
      assertEquals(received, hosts.a.counters(1).receivedFrames());
    }
  }

  @Test
  void aGuestThatIsToReturnHoldsNobodyUpBehindAnUplink() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.attachAgain(TwoHosts.guest(hosts.a, 5));
      VhostUserGuest one = start(hosts.a, 1);
      TwoHosts.know(hosts.a, 2, "b");
      hosts.wire.put("b", "a", TestHost.NETWORK, plain(2, 5));
      hosts.wire.put("b", "a", TestHost.NETWORK, plain(2, 1));
      assertArrayEquals(plain(2, 1), body(one.receiveBytes(PATIENCE)));
      assertEquals(Map.of("destination-down", 1L), TwoHosts.uplink(hosts.a).drops());
    }
  }

  @Test
  void workersThatComeAndGoHaveTheirShares() throws Exception {
    EngineSettings settings = new EngineSettings(4, List.of(), 50, 100, 64);
    try (TwoHosts hosts = new TwoHosts(settings, new ThreadPerVm())) {
      TwoHosts.know(hosts.a, 2, "b");
      TwoHosts.know(hosts.b, 1, "a");
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest two = start(hosts.b, 2);
      for (int round = 0; round < 20; round++) {
        one.sendFrame(udp(1, 2));
        assertArrayEquals(udp(1, 2), body(two.receiveBytes(PATIENCE)));
        two.sendFrame(udp(2, 1));
        assertArrayEquals(udp(2, 1), body(one.receiveBytes(PATIENCE)));
        hosts.a.engine.move("g1", (round + 1) % 4);
      }
      assertEquals(20, TwoHosts.uplink(hosts.a).sentFrames(), "those of ended workers, too");
      assertEquals(Map.of(), TwoHosts.uplink(hosts.a).drops());
    }
  }
}
