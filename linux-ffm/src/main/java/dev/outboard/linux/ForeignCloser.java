package dev.outboard.linux;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Closes descriptors that somebody else has made. A close may wait for as long as its maker likes:
 * for a file system in user space (FUSE) to answer, or for a TCP socket that lingers, be it in our
 * hands or in a message that nobody has read from a socket. So a few threads of their own do it,
 * and end when there is nothing to close. Once all of them wait, more stays open, and nothing else
 * comes to harm.
 */
final class ForeignCloser {
  private static final int THREADS = 32;
  private static final int IDLE_SECONDS = 1;
  private static final ThreadPoolExecutor EXECUTOR =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> Thread.ofPlatform().daemon().name("outboard-closer").unstarted(task));

  static {
    EXECUTOR.allowCoreThreadTimeOut(true);
  }

  private ForeignCloser() {}

  static void close(int fd) {
    EXECUTOR.execute(() -> FileDescriptors.close(fd));
  }
}
