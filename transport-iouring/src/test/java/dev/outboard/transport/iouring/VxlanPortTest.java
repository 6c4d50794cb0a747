package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames between two ports, over loopback addresses of a network of the test's own. */
class VxlanPortTest {
  private static final int NETWORK = 77;

  @ParameterizedTest
  @EnumSource
  void framesLargerThanTheUnderlayPassInFragments(Underlay underlay) throws Exception {
    underlay.inPrivateNetwork(
        () -> {
          Commands.run("ip", "link", "set", "lo", "mtu", "1500");
          try (Host here = Host.open(underlay.here, "mtu", "8000");
              Host there = Host.open(underlay.there, "mtu", "8000")) {
            int to = here.peer(NETWORK, underlay.there);
            int _ = there.peer(NETWORK, underlay.here);
            for (int length = 1000; length <= 8014; length += 167) {
              for (int i = 0; i < 5; i++) {
                here.add(to, 0, i, length, 60);
              }
              assertEquals(5, here.send());
              for (int seen = 0; seen < 5; ) {
                int count = there.await();
                for (int i = 0; i < count; i++) {
                  assertEquals(length, there.received.length(i));
                  assertTrue(Patterns.matches(there.bytes(i), seen++), length + " bytes");
                }
                there.release();
              }
            }
            assertEquals(Map.of(), here.counts());
            assertEquals(Map.of(), there.counts());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aFrameLargerThanTheMtuIsCountedUnlessFragmentsAreAllowed(Underlay underlay)
      throws Exception {
    underlay.inPrivateNetwork(
        () -> {
          Commands.run("ip", "link", "set", "lo", "mtu", "1500");
          try (Host here = Host.open(underlay.here);
              Host there = Host.open(underlay.there)) {
            int to = here.peer(NETWORK, underlay.there);
            int _ = there.peer(NETWORK, underlay.here);
            int most = 14 + here.transport.capabilities().maxMtu();
            here.add(to, 0, 0, most + 1);
            here.add(to, 0, 1, most);
            assertEquals(2, here.send());
            assertEquals(1, there.await());
            assertTrue(Patterns.matches(there.bytes(0), 1));
            there.release();
            assertEquals(Map.of("too-long", 1L), here.counts());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void framesOfOneSizeLeaveAsOneMessageAndArriveAsOne(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          for (int i = 0; i < 40; i++) {
            here.add(to, 5, i, i < 39 ? 1400 : 90, 20, 60);
          }
          assertEquals(40, here.send());
          assertEquals(40, there.await(), "one message brings all");
          for (int i = 0; i < 40; i++) {
            assertEquals(i < 39 ? 1400 : 90, there.received.length(i));
            assertTrue(Patterns.matches(there.bytes(i), i), "frame " + i);
          }
          there.release();
        });
  }

  @ParameterizedTest
  @EnumSource
  void aMessageWithMoreFramesThanTheBurstTakesIsContinued(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          for (int i = 0; i < 60; i++) {
            here.add(to, 5, i, 64);
          }
          assertEquals(60, here.send());
          int seen = 0;
          while (seen < 60) {
            there.received.clear();
            int count = there.port.receive(there.received, 7);
            for (int i = 0; i < count; i++) {
              assertTrue(Patterns.matches(there.bytes(i), seen++));
            }
            assertFalse(seen < 60 && count > 0 && there.port.arm(), "there is more");
            there.release();
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aFlowKeepsItsOrderAmongOthers(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          int flows = 16;
          int[] sent = new int[flows];
          int[] seen = new int[flows];
          int total = 0;
          for (int round = 0; round < 300; round++) {
            for (int i = 0; i < 64; i++) {
              int flow = (round * 31 + i * i) % flows;
              int length = 64 + (round * 7 + i / 5 * 13) % 1300;
              here.add(to, flow * 0x1000_0000, flow << 24 | sent[flow]++, length);
            }
            assertEquals(64, here.send());
            total += 64;
            while (seenOf(seen) < total) {
              int count = there.await();
              for (int i = 0; i < count; i++) {
                int number = Patterns.number(there.bytes(i));
                assertEquals(seen[number >>> 24]++, number & 0xff_ffff);
              }
              there.release();
            }
          }
          assertEquals(Map.of(), there.counts());
        });
  }

  private static int seenOf(int[] seen) {
    int all = 0;
    for (int one : seen) {
      all += one;
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void whatWasSentIsReceivedOrCounted(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          long accepted = 0;
          long received = 0;
          for (int round = 0; round < 2000; round++) {
            for (int i = 0; i < 64; i++) {
              here.add(to, round << 27, i, 64 + (round & 3) * 400);
            }
            accepted += here.send();
            if (round % 10 == 0) {
              received += there.receive();
              there.release();
            }
          }
          int count;
          do {
            count = there.receive();
            received += count;
            there.release();
          } while (count > 0 || !there.port.arm());
          long lost = there.count("receive-socket-full") + here.count("send-socket-full");
          assertTrue(lost > 0, "the receiver had room for all");
          assertEquals(accepted, received + lost, here.counts() + " " + there.counts());
        },
        "coalesce",
        "false",
        "receive-bytes",
        "20000",
        "receive-buffers",
        "8");
  }

  @ParameterizedTest
  @EnumSource
  void framesWithoutAWayAreCountedAndDoNotHoldUpOthers(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          String nowhere = underlay == Underlay.IPV4 ? "192.0.2.1" : "2001:db8::1";
          int unreachable = here.peer(NETWORK, nowhere);
          here.add(unreachable, 0, 0, 100);
          here.add(to, 0, 1, 100);
          here.add(99, 0, 2, 100);
          here.add(0, 0, 3, 100);
          here.add(to, 0, 4, 100);
          here.add(unreachable, 0, 5, 100);
          here.add(unreachable, 0, 6, 100);
          assertEquals(7, here.send());
          int seen = 0;
          while (seen < 2) {
            seen += there.await();
            there.release();
          }
          assertEquals(Map.of("unreachable", 3L, "no-next-hop", 2L), here.counts());
          assertEquals(null, here.port.failure());
        });
  }

  @ParameterizedTest
  @EnumSource
  void aPortThatIsClosedUnderLoadCountsWhatItLeaves(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          for (int i = 0; i < 50; i++) {
            here.add(to, i << 27, i, 100);
          }
          assertEquals(50, here.send());
          there.received.clear();
          int taken = there.port.receive(there.received, 3);
          there.release();
          there.closePort();
          assertEquals(50, taken + there.count("port-closed"), there.counts().toString());
        });
  }
}
