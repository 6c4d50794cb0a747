package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An io_uring of each kind that the kernels we support know, with eventfds and pipes. */
class IoUringTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int IN = Epoll.IN;

  enum Kind {
    DEFERRED_WITHOUT_ARRAY(0),
    DEFERRED(1),
    COOPERATIVE(2);

    private final int mode;

    Kind(int index) {
      mode = RingMemory.MODES[index];
    }

    IoUring open(int submissions, int completions) throws LinuxException {
      IoUring ring = new IoUring(submissions, completions, mode);
      ring.start();
      return ring;
    }
  }

  private final List<Integer> descriptors = new ArrayList<>();

  @AfterEach
  void closeDescriptors() {
    descriptors.forEach(FileDescriptors::close);
  }

  private int eventfd() throws LinuxException {
    int fd = EventFd.create();
    descriptors.add(fd);
    return fd;
  }

  private int[] socketPair() throws LinuxException {
    int[] pair = UnixSocket.pair();
    descriptors.add(pair[0]);
    descriptors.add(pair[1]);
    return pair;
  }

  /** The only completion there is, given back; waits for it. */
  private static long[] next(IoUring ring) {
    if (ring.poll() == 0) {
      ring.submitAndWait(1, 10 * SECOND);
    }
    assertNotEquals(0, ring.poll(), "no completion within 10 s");
    long[] completion = {ring.userData(0), ring.result(0), ring.flags(0)};
    ring.advance(1);
    return completion;
  }

  @ParameterizedTest
  @EnumSource
  void aWriteToAnEventfdIsFinishedOnSubmission(Kind kind) throws Exception {
    int bell = eventfd();
    try (Arena arena = Arena.ofConfined();
        IoUring ring = kind.open(4, 8)) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      assertTrue(ring.write(bell, one.address(), 8, 42));
      assertEquals(1, ring.prepared());
      assertEquals(1, ring.submit());
      assertEquals(0, ring.prepared());
      assertEquals(1, ring.available());
      assertEquals(42, ring.userData(0));
      assertEquals(8, ring.result(0));
      ring.advance(1);
      assertEquals(0, ring.poll());
      assertEquals(8, Io.read(bell, one.address(), 8));
    }
  }

  @ParameterizedTest
  @EnumSource
  void silentSuccessYieldsNoCompletionAndFailureDoes(Kind kind) throws Exception {
    int bell = eventfd();
    try (Arena arena = Arena.ofConfined();
        IoUring ring = kind.open(4, 8)) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      ring.write(bell, one.address(), 8, 1);
      ring.skipSuccess();
      ring.write(-1, one.address(), 8, 2);
      ring.skipSuccess();
      assertEquals(2, ring.submit());
      assertEquals(1, ring.poll());
      assertEquals(2, ring.userData(0));
      assertEquals(-Errno.EBADF, ring.result(0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailedOperationDoesNotStopThoseBehindIt(Kind kind) throws Exception {
    int bell = eventfd();
    try (Arena arena = Arena.ofConfined();
        IoUring ring = kind.open(4, 8)) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      ring.write(-1, one.address(), 8, 1);
      ring.write(bell, one.address(), 8, 2);
      assertEquals(2, ring.submit());
      assertEquals(2, ring.poll());
      assertEquals(-Errno.EBADF, ring.result(0));
      assertEquals(8, ring.result(1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPollTellsOfEachEdgeUntilItIsRemoved(Kind kind) throws Exception {
    int bell = eventfd();
    try (IoUring ring = kind.open(4, 8)) {
      ring.pollMultishot(bell, IN | Epoll.EDGE_TRIGGERED, 7);
      ring.submit();
      assertEquals(0, ring.poll());
      for (int i = 0; i < 20; i++) {
        EventFd.signal(bell);
        long[] completion = next(ring);
        assertEquals(7, completion[0]);
        assertEquals(IN, completion[1] & IN);
        assertEquals(IoUring.MORE, completion[2] & IoUring.MORE);
        assertEquals(0, ring.poll(), "one completion for each edge");
      }
      ring.removePoll(7, 8);
      ring.submit();
      assertEquals(8, next(ring)[0] + next(ring)[0] - 7);
      EventFd.signal(bell);
      assertEquals(0, ring.poll());
    }
  }

  @ParameterizedTest
  @EnumSource
  void completionsThatDoNotFitAreKeptInOrder(Kind kind) throws Exception {
    int bell = eventfd();
    try (Arena arena = Arena.ofConfined();
        IoUring ring = kind.open(4, 4)) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      for (int i = 0; i < 100; i++) {
        assertTrue(ring.write(bell, one.address(), 8, i));
      }
      while (ring.prepared() > 0) {
        ring.submit();
      }
      int seen = 0;
      int count;
      while ((count = ring.poll()) > 0) {
        for (int i = 0; i < count; i++) {
          assertEquals(seen++, ring.userData(i));
          assertEquals(8, ring.result(i));
        }
        ring.advance(count);
      }
      assertEquals(100, seen);
    }
  }

  @ParameterizedTest
  @EnumSource
  void preparedOperationsCanBeTakenBack(Kind kind) throws Exception {
    int bell = eventfd();
    try (Arena arena = Arena.ofConfined();
        IoUring ring = kind.open(4, 8)) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      ring.write(bell, one.address(), 8, 1);
      ring.abandon();
      assertEquals(0, ring.prepared());
      assertEquals(0, ring.submit());
      ring.write(bell, one.address(), 8, 2);
      assertEquals(1, ring.submit());
      assertEquals(2, next(ring)[0]);
      assertEquals(0, ring.poll());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWaitsOnADescriptorIsCancelled(Kind kind) throws Exception {
    int bell = eventfd();
    try (IoUring ring = kind.open(8, 16)) {
      ring.pollMultishot(bell, IN, 1);
      ring.pollOnce(bell, IN, 2);
      ring.submit();
      ring.cancelDescriptor(bell, 3);
      ring.submit();
      List<Long> results = new ArrayList<>(List.of(0L, 0L, 0L));
      for (int i = 0; i < 3; i++) {
        long[] completion = next(ring);
        results.set((int) completion[0] - 1, completion[1]);
      }
      assertEquals(List.of((long) -Errno.ECANCELED, (long) -Errno.ECANCELED, 2L), results);
      ring.cancel(1, 4);
      ring.submit();
      assertEquals(0, next(ring)[1], "nothing is left to cancel");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWaitEndsWithItsTime(Kind kind) throws Exception {
    try (IoUring ring = kind.open(4, 8)) {
      long start = System.nanoTime();
      assertEquals(-1, ring.submitAndWait(1, 3_000_000));
      assertTrue(System.nanoTime() - start >= 3_000_000);
      assertEquals(0, ring.submitAndWait(0, -1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWaitForEverEndsWithASignalFromAnotherThread(Kind kind) throws Exception {
    int bell = eventfd();
    try (IoUring ring = kind.open(4, 8)) {
      ring.pollMultishot(bell, IN, 1);
      Thread ringer = Thread.ofPlatform().start(() -> EventFd.signal(bell));
      assertEquals(1, ring.submitAndWait(1, -1));
      assertEquals(1, ring.poll());
      ringer.join();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoWaitsInEpollIsWokenByTheBell(Kind kind) throws Exception {
    int[] pair = socketPair();
    try (Arena arena = Arena.ofShared();
        IoUring ring = kind.open(4, 8);
        Epoll epoll = new Epoll()) {
      long letter = arena.allocate(1).address();
      ring.pollMultishot(pair[0], IN | Epoll.EDGE_TRIGGERED, 1);
      ring.submit();
      epoll.add(ring.bell(), IN | Epoll.EDGE_TRIGGERED, 5);
      for (int i = 0; i < 500; i++) {
        assertTrue(ring.armBell());
        Thread writer = Thread.ofPlatform().start(() -> Io.write(pair[1], letter, 1));
        long deadline = System.nanoTime() + 10 * SECOND;
        while (ring.available() == 0 && ring.poll() == 0) {
          // Task work may end a wait early (EINTR); only time says that the bell stayed silent.
          assertTrue(epoll.await(10 * SECOND) > 0 || System.nanoTime() < deadline, "not woken");
        }
        ring.disarmBell();
        ring.advance(1);
        writer.join();
        assertEquals(1, Io.read(pair[0], arena.allocate(1).address(), 1));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theBellIsSilentUnlessArmed(Kind kind) throws Exception {
    int[] pair = socketPair();
    try (Arena arena = Arena.ofConfined();
        IoUring ring = kind.open(4, 8)) {
      MemorySegment letter = arena.allocate(8);
      int bell = ring.bell();
      assertEquals(bell, ring.bell());
      ring.pollMultishot(pair[0], IN | Epoll.EDGE_TRIGGERED, 1);
      ring.submit();
      Io.write(pair[1], letter.address(), 1);
      assertEquals(1, ring.poll());
      assertEquals(-Errno.EAGAIN, Io.read(bell, letter.address(), 8));
    }
  }

  @ParameterizedTest
  @EnumSource
  void armingTellsOfWhatIsThere(Kind kind) throws Exception {
    int[] pair = socketPair();
    try (Arena arena = Arena.ofConfined();
        IoUring ring = kind.open(4, 8)) {
      int _ = ring.bell();
      ring.pollMultishot(pair[0], IN | Epoll.EDGE_TRIGGERED, 1);
      ring.submit();
      Io.write(pair[1], arena.allocate(1).address(), 1);
      assertFalse(ring.armBell());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMultishotReadTakesBuffersAndEndsWhenThereAreNone(Kind kind) throws Exception {
    int bell = eventfd();
    IoUring ring = kind.open(4, 16);
    try (BufferRing buffers = new BufferRing(ring, 3, 4, 8)) {
      assertTrue(ring.readMultishot(bell, buffers.group(), 9));
      ring.submit();
      for (int i = 1; i <= 4; i++) {
        EventFd.add(bell, i);
        assertEquals(1, ring.poll());
        assertEquals(8, ring.result(0));
        assertTrue((ring.flags(0) & IoUring.BUFFER) != 0);
        long value = buffers.memory().get(ValueLayout.JAVA_LONG, ring.buffer(0) * 8L);
        assertEquals(i, value);
        ring.advance(1);
      }
      EventFd.add(bell, 5);
      long[] out = next(ring);
      assertEquals(-Errno.ENOBUFS, out[1]);
      assertEquals(0, out[2] & IoUring.MORE);
      buffers.give(0);
      buffers.publish();
      ring.readMultishot(bell, buffers.group(), 9);
      ring.submit();
      assertEquals(8, next(ring)[1]);
    } finally {
      ring.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void workersCanBeLimited(Kind kind) throws Exception {
    try (IoUring ring = kind.open(4, 8)) {
      ring.limitWorkers(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRingMadeByOneThreadIsStartedByItsOwner(Kind kind) throws Exception {
    int bell = eventfd();
    try (IoUring ring = new IoUring(4, 8, kind.mode);
        BufferRing buffers = new BufferRing(ring, 0, 2, 64)) {
      List<Throwable> failures = new ArrayList<>();
      Thread owner =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((_, thrown) -> failures.add(thrown))
              .start(
                  () -> {
                    try {
                      ring.start();
                    } catch (LinuxException e) {
                      throw new IllegalStateException(e);
                    }
                    ring.pollMultishot(bell, IN, 1);
                    EventFd.signal(bell);
                    assertEquals(1, ring.submitAndWait(1, 10 * SECOND));
                  });
      owner.join();
      assertEquals(List.of(), failures);
      assertEquals(2, buffers.count());
    }
    assertFalse(descriptors.isEmpty());
  }
}
