package dev.outboard.transport.iouring.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What only a ring has: completions that overflow it or come late, polls that the kernel ends,
 * doorbells rung together. What all notifiers have in common is in integration's
 * IoUringContractTest.
 */
final class IoUringNotifierTest {
  private static final long FULL = -2;
  private static final int TINY = 8;
  private static final int GUESTS = 100;
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final List<Integer> fds = new ArrayList<>();

  @AfterEach
  void closeAll() {
    fds.forEach(FileDescriptors::close);
  }

  private int eventFd() throws IOException {
    int fd = EventFd.create();
    fds.add(fd);
    return fd;
  }

  private static Set<Integer> found(IoUringNotifier notifier, int wanted) {
    Set<Integer> tokens = new TreeSet<>();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (tokens.size() < wanted && System.nanoTime() < deadline) {
      int count = notifier.await(PATIENCE_NANOS);
      for (int i = 0; i < count; i++) {
        tokens.add(notifier.token(i));
      }
    }
    return tokens;
  }

  private static Set<Integer> upTo(int end) {
    Set<Integer> all = new TreeSet<>();
    for (int i = 0; i < end; i++) {
      all.add(i);
    }
    return all;
  }

  /**
   * Polls that find the ring full are ended by the kernel: this goes on only if they are re-armed.
   */
  @Test
  void kicksThatOverflowTheRingAreAllToldAgainAndAgain() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier(TINY)) {
      for (int i = 0; i < GUESTS; i++) {
        assertTrue(notifier.watch(eventFd(), i));
      }
      for (int round = 0; round < 20; round++) {
        fds.forEach(EventFd::signal);
        assertEquals(upTo(GUESTS), found(notifier, GUESTS));
      }
    }
  }

  /** What is lost shows as a test that hangs. */
  @Test
  @Timeout(60)
  void aWakeIsNotLostInAnOverflow() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier(TINY)) {
      for (int i = 0; i < GUESTS; i++) {
        assertTrue(notifier.watch(eventFd(), i));
      }
      for (int round = 0; round < 20; round++) {
        fds.forEach(EventFd::signal);
        notifier.wake();
        assertEquals(upTo(GUESTS), found(notifier, GUESTS));
      }
      for (int round = 0; round < GUESTS; round++) {
        notifier.wake();
        int _ = notifier.await(-1);
      }
    }
  }

  @Test
  void guestsMayLeaveWhileTheRingOverflows() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier(TINY)) {
      for (int i = 0; i < GUESTS; i++) {
        assertTrue(notifier.watch(eventFd(), i));
      }
      for (int stay = GUESTS; stay > 0; stay -= 10) {
        fds.forEach(EventFd::signal);
        for (int i = stay - 10; i < stay; i++) {
          notifier.unwatch(fds.get(i));
        }
        assertEquals(upTo(stay - 10), found(notifier, stay - 10));
      }
    }
  }

  @Test
  void aCompletionThatIsInTheRingAlreadyIsNotToldOnceItsWatchHasEnded() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier()) {
      int leaving = eventFd();
      int other = eventFd();
      assertTrue(notifier.watch(leaving, 1));
      assertTrue(notifier.watch(other, 2));
      for (int i = 0; i < 100; i++) {
        EventFd.signal(leaving);
        // This brings the completion, to be told by the next poll.
        assertTrue(notifier.watch(eventFd(), 100 + i));
        notifier.unwatch(leaving);
        EventFd.signal(other);
        assertEquals(Set.of(2), found(notifier, 1));
        EventFd.drain(leaving);
        assertTrue(notifier.watch(leaving, 1));
      }
    }
  }

  @Test
  void doorbellsAreRungTogether() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier()) {
      for (int count = 1; count <= 64; count++) {
        int fd = eventFd();
        assertTrue(notifier.watch(fd, count - 1));
        for (int i = 0; i < count; i++) {
          assertTrue(notifier.add(fds.get(i), i));
        }
        assertEquals(0, notifier.ring());
        assertEquals(upTo(count), found(notifier, count));
      }
    }
  }

  @Test
  void oneCallRingsOnlySoMany() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier()) {
      int fd = eventFd();
      int added = 0;
      while (notifier.add(fd, added)) {
        added++;
      }
      assertEquals(0, notifier.ring());
      assertTrue(notifier.add(fd, 0));
      assertEquals(0, notifier.ring());
      assertTrue(added >= 64, "" + added);
    }
  }

  @Test
  void doorbellsThatWouldWaitAreRefusedAndTheOthersRung() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier()) {
      int good = eventFd();
      int full = eventFd();
      int blocking = eventFd();
      int fullAndBlocking = eventFd();
      int last = eventFd();
      assertTrue(notifier.watch(good, 10));
      assertTrue(notifier.watch(last, 11));
      EventFd.add(full, FULL);
      EventFd.add(fullAndBlocking, FULL);
      FileDescriptors.setBlocking(blocking);
      FileDescriptors.setBlocking(fullAndBlocking);
      int[] bells = {good, full, blocking, fullAndBlocking, 1_000_000, last};
      for (int i = 0; i < bells.length; i++) {
        assertTrue(notifier.add(bells[i], i));
      }
      Set<Integer> refused = new TreeSet<>();
      int count = notifier.ring();
      for (int i = 0; i < count; i++) {
        refused.add(notifier.refused(i));
      }
      assertEquals(Set.of(1, 2, 3, 4), refused);
      assertEquals(Set.of(10, 11), found(notifier, 2));
      FileDescriptors.setNonBlocking(blocking);
      assertTrue(notifier.watch(blocking, 12));
      assertEquals(0, notifier.await(0), "it is not rung later");
    }
  }

  @Test
  void nothingIsRungWithoutDoorbells() throws IOException {
    try (IoUringNotifier notifier = new IoUringNotifier()) {
      assertEquals(0, notifier.ring());
      assertFalse(notifier.watch(-1, 0));
    }
  }

  @Test
  void aSlotIsUsedAgain() {
    Watches watches = new Watches();
    for (int i = 0; i < 1000; i++) {
      int slot = watches.add(70 + i % 3, 5);
      assertEquals(0, slot);
      assertEquals(0, watches.slot(70 + i % 3));
      int generation = watches.generation(slot);
      watches.remove(slot);
      assertEquals(-1, watches.slot(70 + i % 3));
      assertFalse(watches.isCurrent(slot, generation));
    }
  }
}
