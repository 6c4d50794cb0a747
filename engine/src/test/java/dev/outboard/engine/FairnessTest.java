package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Guests of one worker that have more to send than it can take get the same share in bytes,
 * whatever the size of their frames. The worker is held up until all rings are full; in which order
 * the frames then arrive in the ring of one receiver shows how it divided itself: no clock is
 * looked at.
 */
class FairnessTest {
  private static final int QUANTUM = 96 * 1024;
  private static final int LARGEST = 60_014;

  /** Five rounds. */
  private static final int BACKLOG = 5 * QUANTUM;

  private static final int RECEIVER = 9;

  /** Sends frames of one size. */
  private record Sender(int number, VhostUserGuest guest, FrameTemplate template, int frames) {
    void fill() {
      assertEquals(frames, guest.send(template, 0, frames), "the ring holds all");
    }
  }

  private static Sender sender(TestHost host, int number, int length, int frames) throws Exception {
    GuestOptions options =
        GuestOptions.DEFAULT
            .withQueueSize(Math.max(256, 2 * Integer.highestOneBit(frames)))
            .withTx(ChainShape.SINGLE, length + 64)
            .withTxSlots(2 * Integer.highestOneBit(frames));
    var from = TestHost.endpoint(number);
    var to = TestHost.endpoint(RECEIVER);
    FrameTemplate template =
        length > 1518
            ? FrameTemplate.tcp(from, to, length, 1448)
            : FrameTemplate.raw(from, to, length);
    return new Sender(number, host.start(host.spec(number), options), template, frames);
  }

  /** Who sent it and how long it is, frame by frame in the order of arrival. */
  private record Arrival(int from, int bytes) {}

  private static List<Arrival> arrivals(TestHost host, List<Sender> senders) throws Exception {
    HeldPort port = new HeldPort();
    host.engine.openUplink(HeldPort.NAME, port, Map.of());
    VhostUserGuest receiver =
        host.start(
            host.spec(RECEIVER),
            GuestOptions.DEFAULT.withRx(ChainShape.SINGLE, 2048).withQueueSize(16_384));
    VhostUserGuest holder = host.start(withUplink(host.spec(8)), GuestOptions.DEFAULT);
    assertTrue(holder.sendFrame(frameToNobody()));
    port.awaitHeld();
    try {
      senders.forEach(Sender::fill);
    } finally {
      port.letGo();
    }
    int total = senders.stream().mapToInt(Sender::frames).sum();
    List<Arrival> arrivals = new ArrayList<>();
    while (arrivals.size() < total) {
      byte[] frame = receiver.receiveBytes(10_000_000_000L);
      assertTrue(frame != null, () -> arrivals.size() + " of " + total + " have arrived");
      int source = frame[VirtioNet.HEADER_SIZE + 11];
      arrivals.add(new Arrival(source, frame.length - VirtioNet.HEADER_SIZE));
    }
    for (Sender sender : senders) {
      assertEquals(Map.of(), host.drops(sender.number));
    }
    return arrivals;
  }

  private static GuestSpec withUplink(GuestSpec spec) {
    return new GuestSpec(
        spec.id(),
        spec.tenant(),
        spec.network(),
        spec.mac(),
        spec.addresses(),
        spec.socket(),
        spec.mtu(),
        Optional.of(HeldPort.NAME),
        spec.localForwarding());
  }

  private static byte[] frameToNobody() {
    return Frames.ethernet(
        TestHost.endpoint(77).mac(), TestHost.endpoint(8).mac(), Frames.TYPE_TEST, new byte[46]);
  }

  @Test
  void smallLargeAndSuperFramesGetTheSameShareInBytes() throws Exception {
    try (TestHost host = new TestHost()) {
      List<Sender> senders =
          List.of(
              sender(host, 1, 64, BACKLOG / 64),
              sender(host, 2, 1518, BACKLOG / 1518),
              sender(host, 3, LARGEST, BACKLOG / LARGEST));
      long[] bytes = new long[4];
      long worst = 0;
      for (Arrival arrival : arrivals(host, senders)) {
        bytes[arrival.from] += arrival.bytes;
        long most = Math.max(bytes[1], Math.max(bytes[2], bytes[3]));
        long least = Math.min(bytes[1], Math.min(bytes[2], bytes[3]));
        if (most < (BACKLOG / LARGEST) * (long) LARGEST) {
          worst = Math.max(worst, most - least);
        }
      }
      System.out.printf(
          "figure: shares of guests with frames of 64, 1518 and %d bytes: at most %d bytes apart%n",
          LARGEST, worst);
      assertTrue(worst <= QUANTUM + LARGEST, worst + " bytes apart");
    }
  }

  @Test
  void aModestGuestIsServedInTheFirstRoundWhateverTheOthersHave() throws Exception {
    try (TestHost host = new TestHost()) {
      List<Sender> senders =
          List.of(
              sender(host, 1, 1518, BACKLOG / 1518),
              sender(host, 2, 1518, BACKLOG / 1518),
              sender(host, 3, 64, BACKLOG / 64),
              sender(host, 4, 64, 3));
      long othersBefore = 0;
      int modest = 0;
      for (Arrival arrival : arrivals(host, senders)) {
        modest += arrival.from == 4 ? 1 : 0;
        othersBefore += arrival.from != 4 && modest < 3 ? arrival.bytes : 0;
      }
      assertEquals(3, modest);
      assertTrue(othersBefore <= 3 * (QUANTUM + 1518), othersBefore + " bytes went before");
    }
  }
}
