package dev.outboard.testkit.broken;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** What faults leave behind, so that it can be cleared away when they have been found. */
final class Leaks {
  private static final List<Integer> DESCRIPTORS = new CopyOnWriteArrayList<>();
  private static final List<Thread> THREADS = new CopyOnWriteArrayList<>();

  private Leaks() {}

  static void descriptor() {
    try {
      DESCRIPTORS.add(EventFd.create());
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
  }

  static void thread() {
    THREADS.add(
        Thread.ofPlatform()
            .name("left-behind")
            .daemon()
            .start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    LockSupport.park();
                  }
                }));
  }

  static void clear() throws InterruptedException {
    DESCRIPTORS.forEach(FileDescriptors::close);
    DESCRIPTORS.clear();
    for (Thread thread : THREADS) {
      thread.interrupt();
      thread.join();
    }
    THREADS.clear();
  }
}
