package dev.outboard.engine;

import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The rings of a driver that runs, every word of them, with frames in its buffers; other guests
 * send to it and it sends to them. When its session ends it starts again.
 */
abstract class RingFuzz implements FuzzRun.Target, AutoCloseable {
  static final int NUMBER = 11;
  static final int TABLE_BYTES = 4096;
  static final int BUFFER = 4096;
  static final int BUFFERS = 4;
  static final int RING = 64;
  private static final int SPACE = TABLE_BYTES + BUFFERS * BUFFER;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PATIENCE_NANOS = 300_000;

  private final TestHost host;
  private final GuestSpec spec;
  private final FuzzFrames frames;
  private final GuestOptions options;
  private VhostUserGuest guest;

  /** Attaches its guest, whose frames go to {@code peer}. */
  RingFuzz(TestHost host, int peer, GuestOptions options) throws Exception {
    this.host = host;
    this.options = options.withQueueSize(RING);
    spec = host.spec(NUMBER);
    frames = new FuzzFrames(TestHost.endpoint(NUMBER), TestHost.endpoint(peer));
    host.engine.attach(spec);
    boot();
  }

  private void boot() throws IOException, InterruptedException {
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
      restart();
    }
    MemoryRegion region = guest.driver().memory().regions().get(0);
    long at = region.size() - SPACE;
    MemorySegment space = guest.driver().memory().mapping(0).asSlice(at, SPACE);
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
    fuzz(in, guest, region.guestAddress() + at, space);
  }

  /** A driver that begins anew. */
  final void restart() throws IOException, InterruptedException {
    guest.close();
    TestHost.await(() -> state() == GuestStatus.State.WAITING);
    boot();
    restarted();
  }

  /** The rings are as a driver leaves them that has only just started. */
  void restarted() {}

  /** Writes into the rings; tables and frames are in {@code space}, which the guest has here. */
  abstract void fuzz(FuzzInput in, VhostUserGuest guest, long address, MemorySegment space)
      throws Exception;

  /** Until the engine has been through, or thrown it out, or waits for something. */
  static boolean awaitWork(BooleanSupplier done) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  @Override
  public void close() {
    guest.close();
  }
}
