package dev.outboard.engine;

import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.linux.EventFd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/**
 * The rings of a driver that runs, every word of them, with frames in its buffers; other guests
 * send to it and it sends to them. When its session ends it starts again.
 */
final class RingFuzz implements FuzzRun.Target, AutoCloseable {
  static final int NUMBER = 11;
  private static final int TABLE_BYTES = 4096;
  private static final int BUFFER = 4096;
  private static final int BUFFERS = 4;
  private static final int SPACE = TABLE_BYTES + BUFFERS * BUFFER;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PATIENCE_NANOS = 300_000;

  private final TestHost host;
  private final GuestSpec spec;
  private final FuzzFrames frames;
  private VhostUserGuest guest;

  /** Attaches its guest, whose frames go to {@code peer}. */
  RingFuzz(TestHost host, int peer) throws Exception {
    this.host = host;
    spec = host.spec(NUMBER);
    frames = new FuzzFrames(TestHost.endpoint(NUMBER), TestHost.endpoint(peer));
    host.engine.attach(spec);
    boot();
  }

  private void boot() throws IOException, InterruptedException {
    GuestOptions options = GuestOptions.DEFAULT.withQueueSize(64);
    guest =
        VhostUserGuest.start(
            spec.id(), options, VhostUserFrontend.connect(host.socket(NUMBER), PATIENCE));
    TestHost.await(() -> state() == GuestStatus.State.RUNNING);
  }

  private GuestStatus.State state() {
    return host.status(spec.id()).state();
  }

  @Override
  public void run(FuzzInput in) throws Exception {
    if (state() != GuestStatus.State.RUNNING) {
      guest.close();
      TestHost.await(() -> state() == GuestStatus.State.WAITING);
      boot();
    }
    MemoryRegion region = guest.driver().memory().regions().get(0);
    long at = region.size() - SPACE;
    MemorySegment space = guest.driver().memory().mapping(0).asSlice(at, SPACE);
    long address = region.guestAddress() + at;
    int number = in.oneIn(4) ? VirtioNetDriver.RX : VirtioNetDriver.TX;
    int direction = number == VirtioNetDriver.RX ? 2 : 0;
    RawRing ring = RawRing.of(guest.driver().ring(number));
    for (int i = 0; i < BUFFERS; i++) {
      byte[] frame = frames.next(in);
      MemorySegment.copy(
          frame,
          0,
          space,
          ValueLayout.JAVA_BYTE,
          TABLE_BYTES + (long) i * BUFFER,
          Math.min(frame.length, BUFFER));
    }
    int next = ring.availableIndex();
    int count = 1 + in.below(16);
    for (int i = 0; i < count; i++) {
      int head = in.below(ring.size());
      descriptor(in, ring, head, address, space, direction);
      ring.head(next + i, in.oneIn(64) ? (int) in.edge() : head);
    }
    ring.usedEvent((int) in.edge());
    ring.availableFlags(in.below(2));
    int published = in.oneIn(64) ? (int) in.edge() : next + count;
    ring.availableIndex(published);
    long _ = EventFd.signal(guest.kickFd(number));
    awaitWork(ring, published);
  }

  private void descriptor(
      FuzzInput in, RawRing ring, int index, long address, MemorySegment space, int direction) {
    boolean indirect = in.oneIn(5);
    long right =
        indirect
            ? address + 16L * in.below(16)
            : address + TABLE_BYTES + (long) BUFFER * in.below(BUFFERS);
    long length = indirect ? 16L * in.below(12) : in.oneOf(128, 600, 12, 1530, 4096);
    int flags = indirect ? 4 : direction | (in.oneIn(5) ? 1 : 0);
    ring.descriptor(
        index,
        in.oneIn(24) ? right + in.edge() : right,
        (int) (in.oneIn(24) ? in.edge() : length),
        in.oneIn(24) ? in.octet() : flags,
        in.oneIn(24) ? (int) in.edge() : in.below(ring.size()));
    RawRing.descriptor(
        space,
        16L * in.below(16),
        address + TABLE_BYTES + (long) BUFFER * in.below(BUFFERS),
        in.oneIn(24) ? (int) in.edge() : 300,
        in.oneIn(12) ? in.octet() : direction | (in.oneIn(3) ? 1 : 0),
        in.below(16));
  }

  /** Until the engine has been through, or thrown it out, or waits for something. */
  private void awaitWork(RawRing ring, int published) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (ring.usedIndex() != (published & 0xffff) && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    guest.close();
  }
}
