package dev.outboard.integration.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.Engine;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Io;
import dev.outboard.linux.IoUring;
import dev.outboard.linux.Processes;
import dev.outboard.linux.UnixSocket;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.testing.Allocation;
import dev.outboard.testing.Footprint;
import dev.outboard.transport.iouring.notifier.IoUringNotifierProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Notifier} promises, kept by each of them. */
final class NotifierContractTest {
  private static final long SHORT_NANOS = 2_000_000;
  private static final long LONG_NANOS = 10_000_000_000L;
  private static final int MANY = 2_500;

  static List<NotifierProvider> notifiers() {
    return List.of(Engine.epoll(), new IoUringNotifierProvider());
  }

  /** What the notifier finds within a short time. */
  private static Set<Integer> found(Notifier notifier) {
    Set<Integer> tokens = new TreeSet<>();
    int count = notifier.await(SHORT_NANOS);
    for (int i = 0; i < count; i++) {
      tokens.add(notifier.token(i));
    }
    return tokens;
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

  @ParameterizedTest
  @MethodSource("notifiers")
  void readableWhenWatchedIsAnEdge(NotifierProvider provider) throws IOException {
    int fd = EventFd.create();
    try (Notifier notifier = provider.open()) {
      EventFd.signal(fd);
      assertTrue(notifier.watch(fd, 7));
      assertEquals(Set.of(7), found(notifier, 1));
    } finally {
      FileDescriptors.close(fd);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void eachWriteIsToldOnceThoughNobodyReads(NotifierProvider provider) throws IOException {
    int fd = EventFd.create();
    try (Notifier notifier = provider.open()) {
      assertTrue(notifier.watch(fd, 7));
      for (int i = 0; i < 100; i++) {
        EventFd.signal(fd);
        assertEquals(1, notifier.poll());
        assertEquals(7, notifier.token(0));
        assertEquals(0, notifier.poll());
      }
    } finally {
      FileDescriptors.close(fd);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void whatComesWhileABusyWorkerLooksAwayIsFound(NotifierProvider provider) throws Exception {
    int fd = EventFd.create();
    try (Notifier notifier = provider.open()) {
      assertTrue(notifier.watch(fd, 7));
      Thread.ofPlatform().start(() -> EventFd.signal(fd)).join();
      assertEquals(1, notifier.poll());
    } finally {
      FileDescriptors.close(fd);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void noTokenComesOnceAWatchHasEnded(NotifierProvider provider) throws IOException {
    int left = EventFd.create();
    int stays = EventFd.create();
    try (Notifier notifier = provider.open()) {
      assertTrue(notifier.watch(left, 1));
      assertTrue(notifier.watch(stays, 2));
      for (int i = 0; i < 100; i++) {
        EventFd.signal(left);
        EventFd.signal(stays);
        notifier.unwatch(left);
        EventFd.signal(left);
        assertEquals(Set.of(2), found(notifier, 1));
        assertEquals(Set.of(), found(notifier));
        EventFd.drain(left);
        assertTrue(notifier.watch(left, 1));
      }
      EventFd.signal(left);
      assertEquals(Set.of(1), found(notifier, 1));
    } finally {
      FileDescriptors.close(left);
      FileDescriptors.close(stays);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void aDescriptorWatchedAgainHasItsNewToken(NotifierProvider provider) throws IOException {
    int fd = EventFd.create();
    try (Notifier notifier = provider.open()) {
      assertTrue(notifier.watch(fd, 1));
      EventFd.signal(fd);
      notifier.unwatch(fd);
      assertTrue(notifier.watch(fd, 2));
      assertEquals(Set.of(2), found(notifier, 1));
    } finally {
      FileDescriptors.close(fd);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void whatCanNotBeWatchedIsRefusedAndLeavesNothing(NotifierProvider provider) throws IOException {
    int fd = EventFd.create();
    int twice = EventFd.create();
    try (Notifier notifier = provider.open()) {
      assertFalse(notifier.watch(-1, 1));
      assertFalse(notifier.watch(1_000_000, 1));
      assertTrue(notifier.watch(twice, 2));
      assertFalse(notifier.watch(twice, 3));
      assertTrue(notifier.watch(fd, 4));
      EventFd.signal(fd);
      EventFd.signal(twice);
      assertEquals(Set.of(2, 4), found(notifier, 2));
    } finally {
      FileDescriptors.close(fd);
      FileDescriptors.close(twice);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void aWatchOfNobodyEndsWithoutHarm(NotifierProvider provider) throws IOException {
    try (Notifier notifier = provider.open()) {
      notifier.unwatch(-1);
      notifier.unwatch(1_000_000);
      assertEquals(0, notifier.poll());
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void theSleepEndsWithAKickAWakeOrTheTime(NotifierProvider provider) throws Exception {
    int fd = EventFd.create();
    try (Notifier notifier = provider.open()) {
      assertTrue(notifier.watch(fd, 7));
      long start = System.nanoTime();
      assertEquals(0, notifier.await(SHORT_NANOS));
      assertTrue(System.nanoTime() - start >= SHORT_NANOS);

      Thread kicker = Thread.ofPlatform().start(() -> EventFd.signal(fd));
      assertEquals(Set.of(7), found(notifier, 1));
      kicker.join();

      Thread waker = Thread.ofPlatform().start(notifier::wake);
      assertEquals(0, notifier.await(-1));
      waker.join();
    } finally {
      FileDescriptors.close(fd);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void aWakeBeforeTheSleepEndsIt(NotifierProvider provider) throws IOException {
    try (Notifier notifier = provider.open()) {
      for (int i = 0; i < 10; i++) {
        notifier.wake();
        assertEquals(0, notifier.await(-1));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void thousandsOfGuestsKickAtOnceAndEachIsTold(NotifierProvider provider) throws IOException {
    long _ = Processes.raiseOpenFileLimit();
    List<Integer> fds = new ArrayList<>();
    Set<Integer> all = new TreeSet<>();
    try (Notifier notifier = provider.open()) {
      for (int i = 0; i < MANY; i++) {
        int fd = EventFd.create();
        fds.add(fd);
        all.add(i);
        assertTrue(notifier.watch(fd, i));
      }
      for (int round = 0; round < 5; round++) {
        fds.forEach(EventFd::signal);
        assertEquals(all, found(notifier, MANY));
        assertEquals(Set.of(), found(notifier));
      }
      for (int i = 0; i < MANY; i += 2) {
        notifier.unwatch(fds.get(i));
        all.remove(i);
      }
      fds.forEach(EventFd::signal);
      assertEquals(all, found(notifier, all.size()));
      assertEquals(Set.of(), found(notifier));
    } finally {
      fds.forEach(FileDescriptors::close);
    }
  }

  @ParameterizedTest
  @MethodSource("notifiers")
  void aSocketTellsOfEachArrivalAndOfItsPeersEnd(NotifierProvider provider) throws IOException {
    int[] pair = UnixSocket.pair();
    try (Notifier notifier = provider.open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(4);
      assertTrue(notifier.watch(pair[0], 3));
      assertEquals(4, Io.send(pair[1], bytes.address(), 4));
      assertEquals(Set.of(3), found(notifier, 1));
      assertEquals(1, Io.read(pair[0], bytes.address(), 1));
      assertEquals(Set.of(), found(notifier), "what is left is not a new edge");
      assertEquals(4, Io.send(pair[1], bytes.address(), 4));
      assertEquals(Set.of(3), found(notifier, 1));
      FileDescriptors.close(pair[1]);
      assertEquals(Set.of(3), found(notifier, 1));
      notifier.unwatch(pair[0]);
    } finally {
      FileDescriptors.close(pair[0]);
    }
  }

  /** A TAP that a watch kept open would stay in the kernel; a pipe shows it without privileges. */
  @ParameterizedTest
  @MethodSource("notifiers")
  void aDescriptorClosedAfterItsWatchIsGone(NotifierProvider provider) throws IOException {
    int[] pair = UnixSocket.pair();
    try (Notifier notifier = provider.open();
        Arena arena = Arena.ofConfined()) {
      assertTrue(notifier.watch(pair[0], 3));
      notifier.unwatch(pair[0]);
      FileDescriptors.close(pair[0]);
      long sent = Io.send(pair[1], arena.allocate(4).address(), 4);
      assertTrue(sent < 0, "the other end is still open");
    } finally {
      FileDescriptors.close(pair[1]);
    }
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
