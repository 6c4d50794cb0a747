package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Readiness by epoll, level and edge, with eventfds as the sources. */
class EpollTest {
  @Test
  void eachEventBringsItsData() throws Exception {
    List<Integer> bells = new ArrayList<>();
    try (Epoll epoll = new Epoll()) {
      for (int i = 0; i < 300; i++) {
        int bell = EventFd.create();
        bells.add(bell);
        epoll.add(bell, Epoll.IN | Epoll.EDGE_TRIGGERED, 0x1_0000_0000L * i + 5);
        EventFd.signal(bell);
      }
      Set<Long> seen = new HashSet<>();
      int count;
      while ((count = epoll.await(0)) > 0) {
        for (int i = 0; i < count; i++) {
          assertEquals(Epoll.IN, epoll.events(i));
          assertTrue(seen.add(epoll.data(i)), "an edge came twice");
        }
      }
      assertEquals(300, seen.size());
      assertTrue(seen.contains(0x1_0000_0000L * 299 + 5));
    } finally {
      bells.forEach(FileDescriptors::close);
    }
  }

  @Test
  void waitsAsLongAsAsked() throws Exception {
    try (Epoll epoll = new Epoll()) {
      long start = System.nanoTime();
      assertEquals(0, epoll.await(3_000_000));
      long waited = System.nanoTime() - start;
      assertTrue(waited >= 3_000_000, waited + " ns");
    }
  }

  @Test
  void aWaitForEverEndsWithASignalFromAnotherThread() throws Exception {
    int bell = EventFd.create();
    try (Epoll epoll = new Epoll()) {
      epoll.add(bell, Epoll.IN, 1);
      Thread ringer = Thread.ofPlatform().start(() -> EventFd.signal(bell));
      int count = 0;
      while (count == 0) {
        // A stop of the process and other signals end a wait, too.
        count = epoll.await(-1);
      }
      assertEquals(1, count);
      ringer.join();
    } finally {
      FileDescriptors.close(bell);
    }
  }

  @Test
  void oneShotNeedsToBeRearmed() throws Exception {
    int bell = EventFd.create();
    try (Epoll epoll = new Epoll()) {
      epoll.add(bell, Epoll.IN | Epoll.ONE_SHOT, 1);
      EventFd.signal(bell);
      assertEquals(1, epoll.await(0));
      assertEquals(0, epoll.await(0));
      epoll.modify(bell, Epoll.IN, 2);
      assertEquals(1, epoll.await(0));
      assertEquals(2, epoll.data(0));
      epoll.remove(bell);
      epoll.remove(bell);
      assertEquals(0, epoll.await(0));
      assertThrows(LinuxException.class, () -> epoll.modify(bell, Epoll.IN, 1));
    } finally {
      FileDescriptors.close(bell);
    }
  }
}
