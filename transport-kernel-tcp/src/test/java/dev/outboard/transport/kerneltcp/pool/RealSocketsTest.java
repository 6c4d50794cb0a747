package dev.outboard.transport.kerneltcp.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pool with TCP connections on loopback, a real clock and many threads. */
class RealSocketsTest {
  private static final int MAX = 8;
  private static final int THREADS = 16;
  private static final int EACH = 200;

  private ScheduledExecutorService executor;
  private EchoPeer peer;
  private ConnectionPool<LoopbackTrunk> pool;

  @BeforeEach
  void open() throws IOException {
    executor = Executors.newSingleThreadScheduledExecutor();
    peer = new EchoPeer();
    pool =
        new ConnectionPool<>(
            PoolSettings.of("loopback", 2, MAX),
            () -> LoopbackTrunk.open(peer.address()),
            PoolLoop.of(executor),
            new LearnedSizing(0.99, MAX),
            PressureSource.NONE);
  }

  @AfterEach
  void close() throws IOException {
    executor.shutdownNow();
    peer.close();
  }

  @Test
  void manyThreadsShareFewConnectionsAndNothingIsLeft() throws Exception {
    assertTrue(soon(() -> peer.open() == 2), "min is open before anyone asks");
    // The channels' own threads and descriptors stay for the life of the JVM.
    long before = descriptors() - peer.open() * 2L;
    AtomicInteger echoes = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      ServiceClass serviceClass = Waiters.CLASSES.get(i % 3);
      threads.add(Thread.ofPlatform().start(() -> use(serviceClass, echoes)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(THREADS * EACH, echoes.get());
    PoolStats stats = pool.stats().get(5, TimeUnit.SECONDS);
    assertEquals(THREADS * EACH, stats.hits() + stats.misses());
    assertTrue(peer.most() <= MAX, "connections: " + peer.most());
    assertEquals(0, stats.lent() + stats.waiting());
    pool.close().get(5, TimeUnit.SECONDS);
    assertTrue(soon(() -> peer.open() == 0), "drained: the peer sees the end");
    assertTrue(soon(() -> descriptors() <= before), "descriptors");
  }

  /** Two that had one connection at a time would meet in {@link LoopbackTrunk#ping}. */
  private void use(ServiceClass serviceClass, AtomicInteger echoes) {
    for (int i = 0; i < EACH; i++) {
      Lease<LoopbackTrunk> lease = pool.acquire(serviceClass).join();
      if (lease.connection().ping().join()) {
        echoes.incrementAndGet();
      }
      lease.release();
    }
  }

  @Test
  void aPeerThatCutsEverythingIsConnectedToAnew() throws Exception {
    assertTrue(soon(() -> peer.open() == 2 && stats().idle() == 2));
    peer.cutAll();
    assertTrue(soon(() -> stats().broken() == 2), () -> "both are missed: " + stats());
    assertTrue(soon(() -> peer.open() == 2), "min is there again");
    pool.acquire(ServiceClass.STANDARD).get(5, TimeUnit.SECONDS).connection().ping().get();
  }

  private PoolStats stats() {
    return pool.stats().join();
  }

  private static boolean soon(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(2);
    }
    return true;
  }

  private static long descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
