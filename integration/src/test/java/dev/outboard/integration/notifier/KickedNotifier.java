package dev.outboard.integration.notifier;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.spi.Doorbells;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** A notifier that is kept busy by a thread of its own, whose ways of waiting allocate nothing. */
final class KickedNotifier implements AutoCloseable {
  private static final int FDS = 32;
  private static final int TURNS = 20_000;
  private static final long PATIENCE_NANOS = 1_000_000_000L;
  private static final long PAUSE_NANOS = 50_000;

  private final Thread owner = Thread.ofPlatform().unstarted(this::run);
  private final Notifier notifier;
  private final Doorbells doorbells;
  private final int[] fds = new int[FDS];
  private volatile int wanted;
  private volatile int done;
  private volatile boolean closing;

  KickedNotifier(NotifierProvider provider) throws IOException {
    notifier = provider.open();
    doorbells = notifier.doorbells().orElse(null);
    for (int i = 0; i < FDS; i++) {
      fds[i] = EventFd.create();
    }
    owner.start();
  }

  /** The thread whose notifier it is. */
  long thread() {
    return owner.threadId();
  }

  /** Kicks, polls, rings and sleeps, all without a pause. */
  void round() {
    int round = wanted + 1;
    wanted = round;
    while (done != round && owner.isAlive()) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void run() {
    for (int i = 0; i < FDS; i++) {
      if (!notifier.watch(fds[i], i)) {
        return;
      }
    }
    while (!closing) {
      if (done == wanted) {
        LockSupport.parkNanos(PAUSE_NANOS);
      } else {
        turns();
        done = wanted;
      }
    }
  }

  private void turns() {
    for (int i = 0; i < TURNS; i++) {
      long _ = EventFd.signal(fds[i % FDS]);
      int _ = notifier.poll();
      if (doorbells != null) {
        boolean _ = doorbells.add(fds[(i + 2) % FDS], 0);
        boolean _ = doorbells.add(fds[(i + 3) % FDS], 1);
        int _ = doorbells.ring();
      }
      long _ = EventFd.signal(fds[(i + 1) % FDS]);
      int _ = notifier.await(PATIENCE_NANOS);
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      owner.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    notifier.close();
    for (int fd : fds) {
      FileDescriptors.close(fd);
    }
  }
}
