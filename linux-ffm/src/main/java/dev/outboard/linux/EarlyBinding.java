package dev.outboard.linux;

import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * Binds the system calls of a sidecar that is about to start, in a thread of its own: each takes
 * the JVM some milliseconds, in which the configuration can be read. Who needs one that is being
 * bound waits for it, as for any class that is being initialized.
 */
public final class EarlyBinding {
  private static final List<Class<?>> NEEDED =
      List.of(
          FileDescriptors.class,
          UnixSocket.class,
          EventFd.class,
          Epoll.class,
          Mapping.class,
          IoUring.class,
          RingMemory.class,
          MemoryFile.class,
          Stat.class,
          Io.class,
          Threads.class,
          UnixListener.class);

  private EarlyBinding() {}

  /** Begins and returns. Any thread. */
  public static void begin() {
    Thread _ = Thread.ofPlatform().daemon().name("binding").start(() -> bind());
  }

  /** Returns whether all are there. Who needs one that isn't gets the error, to tell the user. */
  static boolean bind() {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    try {
      for (Class<?> each : NEEDED) {
        Class<?> _ = lookup.ensureInitialized(each);
      }
      return true;
    } catch (IllegalAccessException | LinkageError e) {
      return false;
    }
  }
}
