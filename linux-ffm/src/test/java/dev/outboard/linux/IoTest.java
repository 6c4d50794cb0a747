package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The hot calls: what they return, and that they allocate nothing. */
class IoTest {
  @Test
  void bytesTravelByEachCall() throws Exception {
    int[] pair = UnixSocket.pair();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocateFrom("outboard");
      MemorySegment in = arena.allocate(64);
      assertEquals(9, Io.write(pair[0], out.address(), 9));
      assertEquals(9, Io.read(pair[1], in.address(), 64));
      assertEquals("outboard", in.getString(0));

      in.fill((byte) 0);
      assertEquals(9, Io.send(pair[0], out.address(), 9));
      MemorySegment iovec = arena.allocate(2L * Io.IOVEC_SIZE, 8);
      iovec.set(ValueLayout.JAVA_LONG, 0, in.address());
      iovec.set(ValueLayout.JAVA_LONG, 8, 3);
      iovec.set(ValueLayout.JAVA_LONG, 16, in.address() + 3);
      iovec.set(ValueLayout.JAVA_LONG, 24, 61);
      assertEquals(9, Io.readv(pair[1], iovec.address(), 2));
      assertEquals("outboard", in.getString(0));

      iovec.set(ValueLayout.JAVA_LONG, 24, 6);
      assertEquals(9, Io.writev(pair[1], iovec.address(), 2));
      in.fill((byte) 0);
      assertEquals(9, Io.read(pair[0], in.address(), 64));
      assertEquals("outboard", in.getString(0));

      FileDescriptors.setNonBlocking(pair[1]);
      assertEquals(-Errno.EAGAIN, Io.read(pair[1], in.address(), 64));
      FileDescriptors.close(pair[0]);
      assertEquals(0, Io.read(pair[1], in.address(), 64));
      assertEquals(-Errno.EPIPE, Io.send(pair[1], out.address(), 9));
      int bell = EventFd.create();
      assertEquals(-Errno.EFAULT, Io.write(bell, 0, 8));
      FileDescriptors.close(bell);
    } finally {
      FileDescriptors.close(pair[1]);
    }
    assertEquals(-Errno.EBADF, Io.read(pair[1], 0, 1));
  }

  @Test
  void aFullSocketIsNotWaitedFor() throws Exception {
    int[] pair = UnixSocket.pair();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(4096);
      long result;
      do {
        result = Io.send(pair[0], block.address(), block.byteSize());
      } while (result > 0);
      assertEquals(-Errno.EAGAIN, result);
    } finally {
      FileDescriptors.close(pair[0]);
      FileDescriptors.close(pair[1]);
    }
  }

  @Test
  void hotCallsAllocateNothing() throws Exception {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int bell = EventFd.create();
    try (Epoll epoll = new Epoll()) {
      epoll.add(bell, Epoll.IN, 7);
      // Until the compiler has seen enough, a call of a method handle allocates a little.
      long allocated = Long.MAX_VALUE;
      for (int attempt = 0; attempt < 100 && allocated > 1_000; attempt++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        ringAndWait(epoll, bell, 10_000);
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertTrue(allocated <= 1_000, allocated + " bytes in 10,000 rounds");
    } finally {
      FileDescriptors.close(bell);
    }
  }

  /** What is called once in many thousand frames isn't compiled, and must not allocate even so. */
  @Test
  void doorbellsAndSleepsAllocateNothingBeforeTheyAreCompiled() throws Exception {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int bell = EventFd.create();
    int[] pair = UnixSocket.pair();
    try (Epoll epoll = new Epoll();
        IoUring ring = new IoUring(4, 8);
        Arena arena = Arena.ofConfined()) {
      ring.start();
      long address = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L).address();
      long before = 0;
      // The handles are linked, a little later made to measure; the socket is full a good time
      // later.
      for (int i = 0; i < 250; i++) {
        before = i == 150 ? threads.getCurrentThreadAllocatedBytes() : before;
        long _ = EventFd.signal(bell);
        long _ = Io.send(pair[0], address, Long.BYTES);
        int _ = epoll.await(0);
        int _ = ring.submitAndWait(1, 0);
      }
      assertEquals(before, threads.getCurrentThreadAllocatedBytes());
    } finally {
      FileDescriptors.close(bell);
      FileDescriptors.close(pair[0]);
      FileDescriptors.close(pair[1]);
    }
  }

  private static void ringAndWait(Epoll epoll, int bell, int rounds) {
    for (int i = 0; i < rounds; i++) {
      assertEquals(0, EventFd.signal(bell));
      int count = epoll.await(0);
      assertFalse(count != 1 || epoll.data(0) != 7);
      EventFd.drain(bell);
      assertEquals(0, epoll.await(0));
    }
  }

  @Test
  void errorsHaveNamesAndWords() {
    assertEquals("EACCES", Errno.name(Errno.EACCES));
    assertEquals("errno 4095", Errno.name(4095));
    assertEquals("Permission denied", Errno.describe(Errno.EACCES));
    LinuxException e = new LinuxException("open /dev/net/tun", Errno.EACCES);
    assertEquals("open /dev/net/tun: Permission denied (EACCES)", e.getMessage());
    assertEquals(Errno.EACCES, e.errno());
  }
}
