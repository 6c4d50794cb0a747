package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.Priority;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A port learns how urgent frames are: as their guest is. */
class PriorityTest {
  private static final int FAR = 9;

  /** Sends super-frames, too. */
  private static final GuestOptions OPTIONS =
      GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER).withTxSlots(16);

  private static long mac(int n) {
    return TestHost.endpoint(n).mac();
  }

  private static VhostUserGuest start(TestHost host, int n, Priority priority) throws Exception {
    return host.start(TwoHosts.guest(host, n).withPriority(priority), OPTIONS);
  }

  @Test
  void allFramesOfAGuestComeToThePortWithItsPriority() throws Exception {
    try (TwoHosts hosts = new TwoHosts()) {
      TwoHosts.know(hosts.a, FAR, "b");
      List<VhostUserGuest> guests =
          List.of(
              start(hosts.a, 1, Priority.LATENCY),
              start(hosts.a, 2, Priority.STANDARD),
              start(hosts.a, 3, Priority.BULK));
      Endpoint far = TestHost.endpoint(FAR);
      for (int round = 0; round < 20; round++) {
        for (int n = 1; n <= guests.size(); n++) {
          send(guests.get(n - 1), n, mac(FAR));
        }
      }
      for (int n = 1; n <= guests.size(); n++) {
        send(guests.get(n - 1), n, Frames.BROADCAST);
      }
      TestHost.await(() -> hosts.wire.carried.get() == 63);
      for (int n = 1; n <= guests.size(); n++) {
        FrameTemplate superFrame = FrameTemplate.tcp(TestHost.endpoint(n), far, 10_054, 1_000);
        assertEquals(1, guests.get(n - 1).send(superFrame, 0, 1));
      }
      TestHost.await(() -> hosts.wire.carried.get() == 63 + 3 * 10);
      assertEquals(
          Map.of(
              mac(1), Set.of(Priority.LATENCY),
              mac(2), Set.of(Priority.STANDARD),
              mac(3), Set.of(Priority.BULK)),
          hosts.wire.priorities);
    }
  }

  private static void send(VhostUserGuest guest, int n, long to) throws InterruptedException {
    byte[] frame = Frames.ethernet(to, mac(n), Frames.TYPE_TEST, new byte[50]);
    TestHost.await(() -> guest.sendFrame(frame));
  }

  @Test
  void whileFramesOfOnePriorityAreDroppedAtOnceOthersMayWait() throws Exception {
    EngineSettings patient = new EngineSettings(1, List.of(), 50, 200_000, 16);
    try (TwoHosts hosts = new TwoHosts(patient, new Shared())) {
      TwoHosts.know(hosts.a, FAR, "b");
      VhostUserGuest bulk = start(hosts.a, 1, Priority.BULK);
      VhostUserGuest urgent = start(hosts.a, 2, Priority.LATENCY);
      AtomicInteger refusals = new AtomicInteger();
      hosts.wire.refuses = priority -> priority == Priority.BULK || refusals.incrementAndGet() <= 3;
      send(bulk, 1, mac(FAR));
      TestHost.await(() -> hosts.a.drops(1).equals(Map.of("uplink-full", 1L)));
      send(urgent, 2, mac(FAR));
      TestHost.await(() -> hosts.wire.carried.get() == 1);
      assertEquals(4, refusals.get(), "it came again until it was taken");
      assertEquals(Map.of(), hosts.a.drops(2));
      send(bulk, 1, mac(FAR));
      TestHost.await(() -> hosts.a.counters(1).sentFrames() == 2);
      assertEquals(Map.of("uplink-full", 2L), hosts.a.drops(1));
    }
  }

  @Test
  void aGuestOfWhichNothingIsSaidIsStandard() throws Exception {
    try (TestHost host = new TestHost()) {
      assertEquals(Priority.STANDARD, host.spec(1).priority());
    }
  }
}
