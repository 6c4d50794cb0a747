package dev.outboard.transport.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.NextHop;
import dev.outboard.spi.TransportException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How MAC addresses are asked for, believed, kept and forgotten. */
class NeighbourTest {
  private static final byte[] FRAME = new byte[60];
  private static final int HASH = 0;

  private static long destination(byte[] packet) {
    long mac = 0;
    for (int i = 0; i < 6; i++) {
      mac = mac << 8 | (packet[i] & 0xff);
    }
    return mac;
  }

  private static boolean isToAGroup(byte[] packet) {
    return (packet[0] & 1) != 0;
  }

  /** A host that has said that it is there, and asks nothing. */
  private static TestHost host(Family family, int number) throws TransportException {
    TestHost host = TestHost.of(family, number);
    assertEquals(1, host.requests().size(), "it announces itself once");
    return host;
  }

  @ParameterizedTest
  @EnumSource
  void anOpenedPeerIsAskedForAndFramesToItLeaveWhenItHasAnswered(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = host(family, 2);
    int to = here.open(5, there);
    assertTrue(here.underlay.hasRequest());
    assertNull(here.send(to, HASH, FRAME));
    List<byte[]> requests = here.requests();
    assertEquals(1, requests.size());
    assertTrue(isToAGroup(requests.getFirst()));
    assertEquals(Verdict.ANSWER, there.receive(requests.getFirst()));
    byte[] answer = there.answer(requests.getFirst());
    assertEquals(Family.mac(1), destination(answer));
    assertEquals(Verdict.LEARNED, here.receive(answer));
    assertEquals(Family.mac(2), destination(here.send(to, HASH, FRAME)));
    here.atMillis(100);
    assertEquals(0, here.requests().size());
    assertEquals(Station.NEVER, here.underlay.deadline());
  }

  @ParameterizedTest
  @EnumSource
  void whoAsksUsIsLearnedFromItsQuestionIfItIsAPeer(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = host(family, 2);
    int to = here.open(5, there);
    int _ = there.open(5, here);
    assertEquals(Verdict.ANSWER, here.receive(there.requests().getFirst()));
    assertNotNull(here.send(to, HASH, FRAME));
  }

  @ParameterizedTest
  @EnumSource
  void anAnnouncementIsBelievedOfAPeerOnly(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = TestHost.of(family, 2);
    byte[] announcement = there.requests().getFirst();
    assertEquals(Verdict.UNKNOWN_NEIGHBOUR, here.receive(announcement));
    int to = here.open(5, there);
    assertEquals(Verdict.LEARNED, here.receive(announcement));
    assertNotNull(here.send(to, HASH, FRAME));
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerOfAStrangerOrToAnotherIsNotBelieved(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = host(family, 2);
    TestHost third = host(family, 3);
    int _ = third.open(5, there);
    byte[] request = third.requests().getFirst();
    assertEquals(Verdict.ANSWER, there.receive(request));
    byte[] answer = there.answer(request);
    int to = here.open(5, there);
    assertEquals(Verdict.NOT_FOR_US, here.receive(answer));
    assertNull(here.send(to, HASH, FRAME));
    int _ = here.open(5, third);
    for (byte[] asked : here.requests()) {
      if (there.receive(asked) == Verdict.ANSWER) {
        byte[] forged = there.answer(asked);
        int sender = family == Family.IPV4 ? 31 : 77;
        forged[sender] = 9;
        if (family == Family.IPV6) {
          Packets.fillChecksum(family, forged, 56);
        }
        assertEquals(Verdict.UNKNOWN_NEIGHBOUR, here.receive(forged));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherHostWithOurAddressIsNoticed(Family family) throws Exception {
    TestHost here = host(family, 1);
    byte[] announcement = TestHost.of(family, 1).requests().getFirst();
    Bits.putMac(announcement, 6, Family.mac(7));
    if (family == Family.IPV4) {
      Bits.putMac(announcement, 22, Family.mac(7));
    }
    assertEquals(Verdict.ADDRESS_CONFLICT, here.receive(announcement));
  }

  @ParameterizedTest
  @EnumSource
  void questionsAreRepeatedEverMoreSlowlyAndStopUntilAFrameComes(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = host(family, 2);
    int to = here.open(5, there);
    int asked = 0;
    for (int millis = 0; millis < 120_000; millis += 10) {
      here.atMillis(millis);
      asked += here.requests().size();
      assertTrue(millis >= 1000 || asked <= 5, "five in the first second");
    }
    assertEquals(60, asked);
    assertEquals(Station.NEVER, here.underlay.deadline());
    for (int millis = 120_000; millis < 130_000; millis += 10) {
      here.atMillis(millis);
      assertNull(here.send(to, HASH, FRAME));
      asked += here.requests().size();
    }
    assertEquals(70, asked, "one a second");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsOldIsUsedAndConfirmedByADirectQuestion(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = host(family, 2);
    int to = here.open(5, there);
    here.resolve(there);
    here.atMillis(29_900);
    assertNotNull(here.send(to, HASH, FRAME));
    assertEquals(0, here.requests().size());
    here.atMillis(31_000);
    assertEquals(0, here.requests().size(), "nobody needs it");
    assertNotNull(here.send(to, HASH, FRAME));
    List<byte[]> requests = here.requests();
    assertEquals(1, requests.size());
    assertEquals(Family.mac(2), destination(requests.getFirst()));
    assertEquals(Verdict.ANSWER, there.receive(requests.getFirst()));
    assertEquals(Verdict.LEARNED, here.receive(there.answer(requests.getFirst())));
    here.atMillis(60_000);
    assertNotNull(here.send(to, HASH, FRAME));
    assertEquals(0, here.requests().size());
  }

  @ParameterizedTest
  @EnumSource
  void whatNobodyConfirmsIsAskedOfAllThenForgotten(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = host(family, 2);
    int to = here.open(5, there);
    here.resolve(there);
    int direct = 0;
    int toAll = 0;
    int sent = 0;
    for (int millis = 31_000; millis < 41_000; millis += 10) {
      here.atMillis(millis);
      sent += here.send(to, HASH, FRAME) == null ? 0 : 1;
      for (byte[] request : here.requests()) {
        direct += isToAGroup(request) ? 0 : 1;
        toAll += isToAGroup(request) ? 1 : 0;
      }
    }
    assertEquals(3, direct);
    assertTrue(toAll >= 3);
    assertTrue(sent > 100 && sent < 400, () -> "forgotten after some seconds");
    assertNull(here.send(to, HASH, FRAME));
  }

  @ParameterizedTest
  @EnumSource
  void peersElsewhereAreReachedByTheGatewayAlone(Family family) throws Exception {
    TestHost here = TestHost.behindGateway(family, 1);
    assertEquals(1, here.requests().size());
    NextHop far = here.hops.open(5, family.elsewhere);
    NextHop farther = here.hops.open(6, family.elsewhere);
    assertEquals(1, here.requests().size(), "one question for both");
    assertNotNull(far);
    assertNotNull(farther);
    TestHost alone = TestHost.of(family, 1);
    TransportException refused =
        assertThrows(TransportException.class, () -> alone.hops.open(5, family.elsewhere));
    assertTrue(refused.getMessage().endsWith("set gateway:"), refused.getMessage());
    TransportException own =
        assertThrows(TransportException.class, () -> here.hops.open(5, family.address(1)));
    assertTrue(own.getMessage().endsWith("is this host's own address"), own.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void aClosedPeerIsNobodyAnyMore(Family family) throws Exception {
    TestHost here = host(family, 1);
    TestHost there = host(family, 2);
    NextHop first = here.hops.open(5, family.address(2));
    NextHop second = here.hops.open(6, family.address(2));
    int back = there.open(5, here);
    here.resolve(there);
    there.resolve(here);
    byte[] packet = there.send(back, HASH, FRAME);
    assertEquals(Verdict.FRAME, here.receive(packet));
    first.close();
    first.close();
    assertEquals(Verdict.UNKNOWN_NETWORK, here.receive(packet));
    assertNotNull(here.send(second.number(), HASH, FRAME), "the other network goes on");
    assertNull(here.send(first.number(), HASH, FRAME));
    second.close();
    assertEquals(Verdict.UNKNOWN_PEER, here.receive(packet));
    byte[] announcement = TestHost.of(family, 2).requests().getFirst();
    assertEquals(Verdict.UNKNOWN_NEIGHBOUR, here.receive(announcement));
  }

  @ParameterizedTest
  @EnumSource
  void anEchoComesBackAsItWasSent(Family family) throws Exception {
    TestHost here = host(family, 2);
    byte[] request = Packets.echo(family, 1, 2, 56);
    assertEquals(Verdict.ANSWER, here.receive(request));
    byte[] reply = here.answer(request);
    byte[] expected = Packets.echo(family, 2, 1, 56);
    expected[family.udp] = (byte) (family == Family.IPV4 ? 0 : 129);
    if (family == Family.IPV4) {
      Bits.put16(expected, 20, 0x4000);
      expected[22] = 64;
      Packets.fillIpChecksum(expected);
    } else {
      expected[21] = 64;
    }
    Packets.fillChecksum(family, expected, family.udp + 2);
    assertArrayEquals(expected, reply);
  }

  @ParameterizedTest
  @EnumSource
  void aFloodOfQuestionsGetsAThousandAnswersASecond(Family family) throws Exception {
    TestHost here = host(family, 2);
    byte[] request = Packets.echo(family, 1, 2, 0);
    int answers = 0;
    for (int millis = 0; millis < 1000; millis++) {
      here.atMillis(millis);
      for (int i = 0; i < 50; i++) {
        answers += here.receive(request) == Verdict.ANSWER ? 1 : 0;
      }
    }
    assertTrue(answers >= 1000 && answers <= 1000 + Allowance.MOST, "answers: " + answers);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "'', '', 'address is missing: the address of this host that peers send to, as"
            + " 192.0.2.7/24'",
        "192.0.2.7, '', address: '192.0.2.7' has no prefix length; write it as 192.0.2.7/24",
        "192.0.2.7/33, '', address: '192.0.2.7/33': a prefix length is a number from 1 to 32",
        "192.0.2.7/x, '', address: '192.0.2.7/x': the prefix length is not a number",
        "2001:db8::7/129, '', address: '2001:db8::7/129': a prefix length is a number from 1 to"
            + " 128",
        "192.0.2.7:1/24, '', address: '192.0.2.7:1' has a port; write it as port:",
        "192.0.2.7/24, 192.0.3.1, gateway: 192.0.3.1 is no other host on the link of 192.0.2.7/24",
        "192.0.2.7/24, 192.0.2.7, gateway: 192.0.2.7 is no other host on the link of 192.0.2.7/24",
        "192.0.2.7/24, fe80::1, gateway: fe80:0:0:0:0:0:0:1 is no other host on the link of"
            + " 192.0.2.7/24",
      })
  void aWrongAddressIsRefusedInALine(String address, String gateway, String line) {
    TransportException refused =
        assertThrows(
            TransportException.class,
            () -> UnderlayAddress.parse(Family.mac(1), address, gateway, 4789));
    assertEquals(line, refused.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void requestsAreOfTheLengthThatTheyMayHave(Family family) throws Exception {
    TestHost here = TestHost.of(family, 1);
    int _ = here.open(5, host(family, 2));
    int most = here.requests().stream().mapToInt(request -> request.length).max().orElseThrow();
    assertTrue(most <= Underlay.LONGEST_REQUEST, Arrays.toString(new int[] {most}));
  }
}
