package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.linux.EventFd;
import dev.outboard.testing.LongTier;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * A guest that rewrites its headers while they are checked and copied: what arrives is what was
 * checked, always.
 */
class HeaderRaceTest {
  private static final int HEADER = 12;
  private static final int SOURCE = HEADER + 6;
  private static final int FEW_FRAMES = 200_000;
  private static final int MANY_FRAMES = 10_000_000;
  private static final int SLOT = 256;

  @Test
  void noSpoofedFrameGetsThrough() throws Exception {
    noneOf(FEW_FRAMES, 15);
  }

  @LongTier("header-flips")
  void noneOfTenMillionSpoofedFramesGetsThrough() throws Exception {
    assertEquals(MANY_FRAMES, noneOf(MANY_FRAMES, 1200), "frames in 20 minutes");
  }

  /** So many tries, or as many as there is time for; returns how many. */
  private static int noneOf(int tries, int seconds) throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest victim = host.start(2);
      VhostUserGuest attacker = host.start(1);
      byte[] own = Arrays.copyOfRange(frame(), SOURCE, SOURCE + 6);
      RawRing ring = RawRing.of(attacker.driver().ring(VirtioNetDriver.TX));
      GuestMemory.Area area = buffers(attacker, ring.size());
      for (int i = 0; i < ring.size(); i++) {
        MemorySegment.copy(
            frame(), 0, area.segment(), ValueLayout.JAVA_BYTE, (long) i * SLOT, frame().length);
        ring.descriptor(i, area.guestAddress() + (long) i * SLOT, frame().length, 0, 0);
        ring.head(i, i);
      }
      AtomicBoolean stop = new AtomicBoolean();
      Thread flipper = new Thread(() -> flip(area.segment(), ring.size(), stop));
      flipper.start();
      int received = 0;
      int available = 0;
      long deadline = System.nanoTime() + seconds * 1_000_000_000L;
      while (available < tries && System.nanoTime() < deadline) {
        int room = 64 - ((available - ring.usedIndex()) & 0xffff);
        available += Math.max(0, Math.min(Math.min(room, 32), tries - available));
        ring.availableIndex(available);
        EventFd.signal(attacker.kickFd(VirtioNetDriver.TX));
        for (byte[] got = victim.receiveBytes(0); got != null; got = victim.receiveBytes(0)) {
          assertTrue(
              Arrays.equals(own, 0, 6, got, SOURCE, SOURCE + 6),
              "spoofed: " + Arrays.toString(got));
          received++;
        }
      }
      stop.set(true);
      flipper.join();
      long sent = available;
      TestHost.await(() -> host.counters(1).sentFrames() == sent);
      for (byte[] got = victim.receiveBytes(0); got != null; got = victim.receiveBytes(0)) {
        assertTrue(Arrays.equals(own, 0, 6, got, SOURCE, SOURCE + 6));
        received++;
      }
      long spoofed = host.drops(1).getOrDefault("source-mac", 0L);
      assertTrue(spoofed > 0 && received > 0, spoofed + " caught, " + received + " received");
      assertEquals(host.counters(2).receivedFrames(), received);
      long dropped = host.drops(1).values().stream().mapToLong(Long::longValue).sum();
      assertEquals(sent, received + dropped);
      System.out.printf(
          "figure: header flips: %d frames, %d of them caught with a false source, 0 got through%n",
          sent, spoofed);
      return available;
    }
  }

  private static void flip(MemorySegment memory, int slots, AtomicBoolean stop) {
    byte last = memory.get(ValueLayout.JAVA_BYTE, SOURCE + 5);
    while (!stop.get()) {
      for (int i = 0; i < slots; i++) {
        memory.set(ValueLayout.JAVA_BYTE, (long) i * SLOT + SOURCE + 5, (byte) 0x66);
      }
      for (int i = 0; i < slots; i++) {
        memory.set(ValueLayout.JAVA_BYTE, (long) i * SLOT + SOURCE + 5, last);
      }
    }
  }

  private static byte[] frame() {
    byte[] frame =
        Frames.ethernet(
            TestHost.endpoint(2).mac(),
            TestHost.endpoint(1).mac(),
            Frames.TYPE_TEST,
            new byte[100]);
    byte[] bytes = new byte[HEADER + frame.length];
    System.arraycopy(frame, 0, bytes, HEADER, frame.length);
    return bytes;
  }

  private static GuestMemory.Area buffers(VhostUserGuest guest, int slots) {
    MemoryRegion region = guest.driver().memory().regions().get(0);
    long bytes = (long) slots * SLOT;
    long at = region.size() - bytes;
    return new GuestMemory.Area(
        guest.driver().memory().mapping(0).asSlice(at, bytes),
        region.guestAddress() + at,
        region.userAddress() + at);
  }
}
