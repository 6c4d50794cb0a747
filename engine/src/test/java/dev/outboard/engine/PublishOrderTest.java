package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.linux.Epoll;
import dev.outboard.linux.EventFd;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a kill at any moment leaves in the rings can be gone on from. */
class PublishOrderTest {
  private static final int FRAMES = 3_000_000;
  private static final int WINDOW = 200;

  /** A watcher that gets little of the processors sees fewer of the changes: so it goes on. */
  private static final long ENOUGH_CHANGES = 1_000;

  private static final long PATIENCE_NANOS = 30_000_000_000L;

  /** A watcher that was off its processor for longer may see an index that has come round. */
  private static final long AT_ONCE_NANOS = 500_000;

  private record Watched(long looks, long changes, long tooEarly) {}

  @Test
  void aFrameIsWithItsReceiverBeforeItsSenderIsToldThatItIsSent() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest from = host.start(1);
      VhostUserGuest to = host.start(2);
      AtomicBoolean stop = new AtomicBoolean();
      AtomicLong seen = new AtomicLong();
      CompletableFuture<Watched> watcher =
          CompletableFuture.supplyAsync(
              () ->
                  watch(ring(from, VirtioNetDriver.TX), ring(to, VirtioNetDriver.RX), stop, seen));
      FrameTemplate template = FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 60);
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (seen.get() <= ENOUGH_CHANGES && System.nanoTime() < deadline) {
        FrameCheck check = new FrameCheck(template);
        TestHost.stream(from, to, template, check, FRAMES, WINDOW);
        assertEquals(FRAMES, check.frames());
      }
      stop.set(true);
      Watched watched = watcher.get();
      assertTrue(watched.changes > ENOUGH_CHANGES, watched.toString());
      assertEquals(0, watched.tooEarly, watched.toString());
    }
  }

  private static RawRing ring(VhostUserGuest guest, int number) {
    return RawRing.of(guest.driver().ring(number));
  }

  /** Any moment at which the two are read could be the last one of the process. */
  private static Watched watch(
      RawRing transmit, RawRing receive, AtomicBoolean stop, AtomicLong seen) {
    long looks = 0;
    long changes = 0;
    long tooEarly = 0;
    int before = 0;
    while (!stop.get()) {
      long begin = System.nanoTime();
      int sent = transmit.usedIndex();
      int received = receive.usedIndex();
      looks++;
      if (sent != before) {
        changes++;
        seen.setOpaque(changes);
        before = sent;
      }
      boolean behind = ((received - sent) & 0xffff) > 0x8000;
      if (behind && System.nanoTime() - begin < AT_ONCE_NANOS) {
        tooEarly++;
      }
    }
    return new Watched(looks, changes, tooEarly);
  }

  @Test
  void aDriverIsCalledOnceByANewBackendForWhatTheOldOneMayHaveKeptQuietAbout() throws Exception {
    try (TestHost host = new TestHost();
        Epoll called = new Epoll()) {
      VhostUserGuest guest = host.start(1);
      guest.frontend().close();
      TestHost.await(() -> host.status("g1").state() == GuestStatus.State.WAITING);
      for (int ring = 0; ring < 2; ring++) {
        EventFd.drain(guest.callFd(ring));
        called.add(guest.callFd(ring), Epoll.IN | Epoll.EDGE_TRIGGERED, ring);
      }
      guest.reconnect(host.connect(1));
      int rings = 0;
      for (int i = 0; i < 20 && rings != 0b11; i++) {
        int count = called.await(1_000_000_000L);
        for (int k = 0; k < count; k++) {
          rings |= 1 << called.data(k);
        }
      }
      assertEquals(0b11, rings, "rings whose driver was called");
    }
  }
}
