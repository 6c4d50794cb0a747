package dev.outboard.transport.iouring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.FrameBurst;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sending without a copy: each token goes back once, after the kernel's notification. */
class ZeroCopyTest {
  private static final int NETWORK = 77;
  private static final long PATIENCE = 20_000_000_000L;
  private static final String[] FROM_2000_BYTES = {"zero-copy", "2000"};

  /** Sends what was added, with a token for each frame; returns how often frames are held. */
  private static int send(Host here, int frames) {
    for (int i = 0; i < frames; i++) {
      here.sent.setToken(i, 1_000 + i);
    }
    int taken = here.port.transmit(here.sent, 0, frames);
    assertEquals(frames, taken);
    int held = here.sent.takeHolds();
    here.sent.clear();
    return held;
  }

  private static long[] reclaim(Host here, int count) {
    long[] tokens = new long[count];
    long[] some = new long[5];
    int got = 0;
    long deadline = System.nanoTime() + PATIENCE;
    while (got < count) {
      int more = here.port.reclaim(some, some.length);
      System.arraycopy(some, 0, tokens, got, more);
      got += more;
      assertTrue(System.nanoTime() < deadline, got + " of " + count + " tokens");
    }
    assertEquals(0, here.port.reclaim(some, some.length), "no token twice");
    Arrays.sort(tokens);
    return tokens;
  }

  @ParameterizedTest
  @EnumSource
  void framesArriveWholeAndTheirTokensComeBackOnce(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          here.network = NETWORK;
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          long all = 0;
          for (int round = 0; round < 200; round++) {
            int frames = 1 + round % 40;
            for (int i = 0; i < frames; i++) {
              here.add(to, 5, round + i, 1_300, 60, 200);
            }
            int held = send(here, frames);
            long[] tokens = reclaim(here, held);
            for (int i = 0; i < held; i++) {
              assertTrue(tokens[i] >= 1_000 && tokens[i] < 1_000 + frames);
              assertTrue(i == 0 || tokens[i] > tokens[i - 1], "each once");
            }
            all += held;
            for (int seen = 0; seen < frames; ) {
              int count = there.await();
              for (int i = 0; i < count; i++) {
                assertTrue(Patterns.matches(there.bytes(i), round + seen++));
              }
              there.release();
            }
          }
          assertEquals(Map.of(), here.counts());
          assertEquals(Map.of(), there.counts());
          assertTrue(all > 0, "some were held when transmit returned");
        },
        FROM_2000_BYTES);
  }

  @ParameterizedTest
  @EnumSource
  void smallMessagesAndThoseWithoutTokensAreCopied(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          here.network = NETWORK;
          int to = here.peer(NETWORK, underlay.there);
          int _ = there.peer(NETWORK, underlay.here);
          here.add(to, 5, 1, 1_300, 60);
          assertEquals(0, send(here, 1));
          for (int i = 0; i < 10; i++) {
            here.add(to, 5, i, 1_300, 60);
            here.sent.setToken(i, FrameBurst.NO_TOKEN);
          }
          assertEquals(10, here.port.transmit(here.sent, 0, 10));
          assertEquals(0, here.sent.takeHolds());
        },
        FROM_2000_BYTES);
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeSentIsNotHeld(Underlay underlay) throws Exception {
    underlay.run(
        (here, there) -> {
          here.network = NETWORK;
          int to = here.peer(NETWORK, underlay == Underlay.IPV4 ? "192.0.2.1" : "2001:db8::1");
          for (int i = 0; i < 10; i++) {
            here.add(to, 5, i, 1_300, 60);
          }
          int held = send(here, 10);
          long failed = here.counts().values().stream().mapToLong(Long::longValue).sum();
          assertEquals(10, held + failed);
          assertEquals(held, reclaim(here, held).length);
        },
        FROM_2000_BYTES);
  }
}
