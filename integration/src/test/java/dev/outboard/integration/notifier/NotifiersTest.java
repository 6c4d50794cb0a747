package dev.outboard.integration.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.Engine;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.UnixSocket;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.testing.Allocation;
import dev.outboard.testing.Footprint;
import dev.outboard.transport.iouring.notifier.IoUringNotifierProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the kit for notifiers can't ask: with rings of ours, all that a process holds. */
final class NotifiersTest {
  private static final long LONG_NANOS = 10_000_000_000L;

  static List<NotifierProvider> notifiers() {
    return List.of(Engine.epoll(), new IoUringNotifierProvider());
  }

  /** Waits until that many different tokens have been told. */
  private static Set<Integer> found(Notifier notifier, int wanted) {
    Set<Integer> tokens = new TreeSet<>();
    long deadline = System.nanoTime() + LONG_NANOS;
    while (tokens.size() < wanted && System.nanoTime() < deadline) {
      int count = notifier.await(LONG_NANOS);
      for (int i = 0; i < count; i++) {
        tokens.add(notifier.token(i));
      }
    }
    return tokens;
  }

  /** As a transport does that has a ring, or an epoll set, of its own. */
  @ParameterizedTest
  @MethodSource("notifiers")
  void othersPlacesToWaitCanBeWatched(NotifierProvider provider) throws IOException {
    int[] pair = UnixSocket.pair();
    try (Notifier notifier = provider.open();
        Epoll epoll = new Epoll();
        IoUring ring = new IoUring(8, 16);
        Arena arena = Arena.ofConfined()) {
      ring.start();
      epoll.add(pair[0], Epoll.IN | Epoll.EDGE_TRIGGERED, 0);
      assertTrue(ring.pollMultishot(pair[0], Epoll.IN, 1));
      assertEquals(1, ring.submit());
      assertTrue(notifier.watch(epoll.fd(), 1));
      assertTrue(notifier.watch(ring.bell(), 2));
      for (int i = 0; i < 10; i++) {
        assertTrue(ring.armBell());
        assertEquals(4, Io.send(pair[1], arena.allocate(4).address(), 4));
        assertEquals(Set.of(1, 2), found(notifier, 2));
        assertEquals(1, epoll.await(0));
        assertTrue(ring.poll() > 0);
        ring.advance(ring.available());
      }
      notifier.unwatch(epoll.fd());
      notifier.unwatch(ring.bell());
    } finally {
      FileDescriptors.close(pair[0]);
      FileDescriptors.close(pair[1]);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void waitingAllocatesNothing(NotifierProvider provider) throws Exception {
    try (KickedNotifier kicked = new KickedNotifier(provider)) {
      Allocation.assertNone(Set.of(kicked.thread()), kicked::round);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void nothingIsLeftOfOneThatWasClosed(NotifierProvider provider) throws Exception {
    int fd = EventFd.create();
    try {
      openAndClose(provider, fd);
      Footprint before = Footprint.now();
      for (int i = 0; i < 50; i++) {
        openAndClose(provider, fd);
      }
      assertEquals("", Footprint.settled(before).growthSince(before));
    } finally {
      FileDescriptors.close(fd);
    }
  }

  private static void openAndClose(NotifierProvider provider, int fd) throws IOException {
    try (Notifier notifier = provider.open()) {
      assertTrue(notifier.watch(fd, 1));
      EventFd.signal(fd);
      assertEquals(Set.of(1), found(notifier, 1));
    }
    provider.open().close();
  }
}
