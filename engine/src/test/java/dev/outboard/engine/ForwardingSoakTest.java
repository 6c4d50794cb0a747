package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.testing.LongTier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Guests of different make send each other frames of random sizes in random bursts, some faster
 * than they are taken. Whatever arrives is whole and in order, and every frame that was sent was
 * delivered or is counted as dropped: exactly.
 */
class ForwardingSoakTest {
  private static final int GUESTS = 6;
  private static final int BURST = 96;
  private static final int SETTLED_NANOS = 200_000_000;

  private record Talker(VhostUserGuest guest, SoakFrames frames) {}

  @Test
  void nothingIsLostUncounted() throws Exception {
    soak(TimeUnit.SECONDS.toNanos(20));
  }

  @LongTier("forwarding-soak")
  void nothingIsLostUncountedInTwentyMinutes() throws Exception {
    soak(TimeUnit.MINUTES.toNanos(20));
  }

  private static void soak(long nanos) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (TestHost host = new TestHost()) {
      List<Talker> talkers = new ArrayList<>();
      for (int n = 0; n < GUESTS; n++) {
        VhostUserGuest guest = host.start(host.spec(n), options(n));
        talkers.add(new Talker(guest, new SoakFrames(n, GUESTS)));
      }
      long end = System.nanoTime() + nanos;
      while (System.nanoTime() < end) {
        Talker from = talkers.get(random.nextInt(GUESTS));
        send(from, random);
        Talker to = talkers.get(random.nextInt(GUESTS));
        receive(to, random.nextInt(2 * BURST));
      }
      settle(host, talkers);
      check(host, talkers, seed);
    }
  }

  /** No two are alike, as no two operating systems are. */
  private static GuestOptions options(int n) {
    return switch (n) {
      case 0 -> GuestOptions.DEFAULT;
      case 1 -> GuestOptions.DEFAULT.withFeatures(VirtioNet.USUAL & ~VirtioNet.EVENT_IDX);
      case 2 ->
          GuestOptions.DEFAULT
              .withTx(new ChainShape(ChainShape.Kind.INDIRECT, 512), 2048)
              .withFeatures(VirtioNet.USUAL & ~VirtioNet.MRG_RXBUF);
      case 3 -> GuestOptions.DEFAULT.withRx(ChainShape.SINGLE, 256).withQueueSize(1024);
      case 4 ->
          GuestOptions.PACKED
              .withTx(new ChainShape(ChainShape.Kind.CHAINED, 512), 2048)
              .withRx(new ChainShape(ChainShape.Kind.CHAINED, 100), 256)
              .withQueueSize(1001);
      default ->
          GuestOptions.PACKED
              .withTx(new ChainShape(ChainShape.Kind.INDIRECT, 512), 2048)
              .withFeatures(GuestOptions.PACKED.features() & ~VirtioNet.EVENT_IDX);
    };
  }

  private static void send(Talker from, Random random) {
    int count = 1 + random.nextInt(BURST);
    for (int i = 0; i < count; i++) {
      int to = (from.frames.number() + 1 + random.nextInt(GUESTS - 1)) % GUESTS;
      if (!from.guest.sendBytes(from.frames.next(to, random))) {
        from.frames.takeBack(to);
        return;
      }
    }
  }

  private static int receive(Talker to, int limit) {
    for (int i = 0; i < limit; i++) {
      byte[] bytes = to.guest.receiveBytes(0);
      if (bytes == null) {
        return i;
      }
      to.frames.check(bytes);
    }
    return limit;
  }

  /** Receives until all that was sent has been taken by the sidecar and nothing comes any more. */
  private static void settle(TestHost host, List<Talker> talkers) throws InterruptedException {
    long quietSince = System.nanoTime();
    while (System.nanoTime() - quietSince < SETTLED_NANOS) {
      for (Talker talker : talkers) {
        if (receive(talker, Integer.MAX_VALUE) > 0
            || host.counters(talker.frames.number()).sentFrames() < talker.frames.sent()) {
          quietSince = System.nanoTime();
        }
      }
    }
  }

  private static void check(TestHost host, List<Talker> talkers, long seed) {
    long sent = 0;
    long received = 0;
    long dropped = 0;
    for (Talker talker : talkers) {
      GuestStatus.Counters counters = host.counters(talker.frames.number());
      String who = "guest " + talker.frames.number() + ", seed " + seed;
      assertEquals(talker.frames.sent(), counters.sentFrames(), who);
      assertEquals(talker.frames.received(), counters.receivedFrames(), who);
      sent += talker.frames.sent();
      received += talker.frames.received();
      dropped += counters.drops().values().stream().mapToLong(Long::longValue).sum();
    }
    System.out.printf(
        "forwarding-soak: %,d frames sent = %,d received + %,d dropped and counted%n",
        sent, received, dropped);
    assertEquals(sent, received + dropped, "seed " + seed);
    assertTrue(received > sent / 2, "seed " + seed);
  }
}
