package dev.outboard.engine.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Who is held fast by a doorbell is freed, and who is only slow is left alone. */
class BellWatchTest {
  private static final long SEVERAL_TICKS = 60_000_000;

  @Test
  void aThreadThatIsOnlySlowDoesNotCostTheGuestItsLine() throws IOException {
    CallLine line = new CallLine(EventFd.create());
    BellWatch.Post post = BellWatch.post();
    post.entered(line);
    long end = System.nanoTime() + SEVERAL_TICKS;
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(SEVERAL_TICKS);
    }
    post.left();
    assertTrue(line.ring());
    line.close();
  }

  @Test
  void aThreadThatIsStuckIsFreedAndTheLineGivenUp() throws IOException {
    int fd = EventFd.create();
    CallLine line = new CallLine(fd);
    long _ = EventFd.add(fd, -2);
    FileDescriptors.setBlocking(fd);
    assertFalse(line.ring());
    assertFalse(line.ring());
    line.close();
  }

  @Test
  void aThreadThatIsStuckInABatchIsFreedAndOnlyTheFullLineGivenUp() throws IOException {
    int fd = EventFd.create();
    CallLine good = new CallLine(EventFd.create());
    CallLine full = new CallLine(fd);
    long _ = EventFd.add(fd, -2);
    FileDescriptors.setBlocking(fd);
    BellWatch.Post post = BellWatch.post();
    post.entered(new CallLine[] {good, full, null});
    long _ = EventFd.signal(fd);
    post.left();
    assertFalse(full.ring());
    assertTrue(good.ring());
    full.close();
    good.close();
  }

  @Test
  void aLineThatIsClosedIsNotDrainedWhoeverHasItsNumberNow() throws IOException {
    int fd = EventFd.create();
    CallLine line = new CallLine(fd);
    line.close();
    int next = EventFd.create();
    assertEquals(fd, next, "the lowest free number is the one just closed");
    long _ = EventFd.add(next, -2);
    line.drain();
    assertTrue(EventFd.isFull(next));
    assertFalse(line.isFull());
    FileDescriptors.closeForeign(next);
  }
}
