package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A timer wakes who sleeps on its descriptor, once for each time that it is set. */
class TimerFdTest {
  private static final long MILLISECOND = 1_000_000;

  @Test
  void ringsAfterItsTimeAndAgainWhenSetAnewWithoutBeingRead() throws Exception {
    try (TimerFd timer = new TimerFd();
        Epoll epoll = new Epoll()) {
      epoll.add(timer.fd(), Epoll.IN | Epoll.EDGE_TRIGGERED, 7);
      assertEquals(0, epoll.await(MILLISECOND), "not set");
      for (int round = 0; round < 3; round++) {
        long start = System.nanoTime();
        timer.set(2 * MILLISECOND);
        assertEquals(1, epoll.await(5_000 * MILLISECOND), "set");
        assertTrue(System.nanoTime() - start >= 2 * MILLISECOND, "not before its time");
        assertEquals(0, epoll.await(MILLISECOND), "once only");
      }
    }
  }

  @Test
  void doesNotRingOnceItIsUnset() throws Exception {
    try (TimerFd timer = new TimerFd();
        Epoll epoll = new Epoll()) {
      epoll.add(timer.fd(), Epoll.IN | Epoll.EDGE_TRIGGERED, 7);
      timer.set(5 * MILLISECOND);
      timer.set(0);
      assertEquals(0, epoll.await(20 * MILLISECOND), "unset");
    }
  }
}
