package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.testing.LongTier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The structure-aware fuzzer at four levels: messages of a VMM, rings, descriptors, frames; against
 * an engine on real sockets with two bystanders, and in memory for speed. A find is an exception
 * anywhere in the engine, a bystander's loss, a session that does not end, or a descriptor or a
 * mapping that stays.
 *
 * <p>A run says its seed; {@code -Dfuzz.seed=} repeats it.
 */
class FuzzTest {
  private static final int PEER = 2;
  private static final long SEED = 20_261_123;
  private static final double SHORT_SECONDS = 4;
  private static final double LONG_SECONDS = 300;
  private static final int BATCH = 200;

  @Test
  void queuesInMemory() throws Exception {
    inMemory(SEED, SHORT_SECONDS);
  }

  @Test
  void packedQueuesInMemory() throws Exception {
    packedInMemory(SEED, SHORT_SECONDS);
  }

  @Test
  void messages() throws Exception {
    live(SEED, SHORT_SECONDS, Level.MESSAGES);
  }

  @Test
  void ringsAndFrames() throws Exception {
    live(SEED, SHORT_SECONDS, Level.RINGS);
  }

  @Test
  void packedRingsAndFrames() throws Exception {
    live(SEED, SHORT_SECONDS, Level.PACKED_RINGS);
  }

  @LongTier("fuzz")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void allForLong() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    inMemory(seed, LONG_SECONDS);
    packedInMemory(seed, LONG_SECONDS);
    for (Level level : Level.values()) {
      live(seed, LONG_SECONDS, level);
    }
  }

  private static void inMemory(long seed, double seconds) throws Exception {
    try (QueueFuzz target = new QueueFuzz()) {
      assertTrue(new FuzzRun("queues", target).run(seed, seconds) > 0);
    }
  }

  private static void packedInMemory(long seed, double seconds) throws Exception {
    try (PackedQueueFuzz target = new PackedQueueFuzz()) {
      assertTrue(new FuzzRun("packed-queues", target).run(seed, seconds) > 0);
    }
  }

  /** What is fuzzed on real sockets. */
  private enum Level {
    MESSAGES("messages"),
    RINGS("rings"),
    PACKED_RINGS("packed-rings");

    private final String label;

    Level(String label) {
      this.label = label;
    }
  }

  /** One level on real sockets, with bystanders and somebody who sends to the fuzzed guest. */
  private static void live(long seed, double seconds, Level level) throws Exception {
    try (TestHost host = new TestHost();
        Bystanders bystanders = new Bystanders(host, 3, 4, "other");
        MessageFuzz messageFuzz = new MessageFuzz(host);
        RingFuzz ringFuzz =
            level == Level.PACKED_RINGS
                ? new PackedRingFuzz(host, PEER)
                : new SplitRingFuzz(host, PEER);
        Correspondent correspondent = new Correspondent(host)) {
      FuzzRun.Target target = level == Level.MESSAGES ? messageFuzz : ringFuzz;
      OpenThings before = OpenThings.now();
      int[] count = {0};
      FuzzRun.Target watched =
          in -> {
            target.run(in);
            if (++count[0] % BATCH == 0) {
              bystanders.awaitTraffic();
              correspondent.assertWell();
            }
            if (!host.problems.isEmpty()) {
              throw new AssertionError(host.problems.toString());
            }
          };
      long executions = new FuzzRun(level.label, watched).run(seed, seconds);
      assertTrue(executions > 0);
      assertTrue(bystanders.finish() > 0);
      OpenThings.awaitNoMoreThan(before);
    }
  }

  /** Sends to the guest whose rings are fuzzed, and takes what comes from it. */
  private static final class Correspondent implements AutoCloseable {
    private final VhostUserGuest guest;
    private final FrameTemplate template =
        FrameTemplate.raw(TestHost.endpoint(PEER), TestHost.endpoint(RingFuzz.NUMBER), 300);
    private final FrameCheck check = new FrameCheck(template);
    private final Thread thread = Thread.ofPlatform().name("correspondent").unstarted(this::run);
    private volatile boolean stopping;
    private volatile Throwable failure;

    Correspondent(TestHost host) throws Exception {
      guest = host.start(host.spec(PEER), GuestOptions.DEFAULT);
      thread.start();
    }

    private void run() {
      try {
        while (!stopping) {
          int _ = guest.send(template, 0, 4);
          int _ = guest.receive(check, 64);
          LockSupport.parkNanos(200_000);
        }
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    void assertWell() {
      if (failure != null) {
        throw new AssertionError("the guest it writes to has failed", failure);
      }
    }

    @Override
    public void close() {
      stopping = true;
      TestHost.join(thread);
    }
  }
}
