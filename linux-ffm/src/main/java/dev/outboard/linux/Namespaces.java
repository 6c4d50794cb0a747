package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Network namespaces, by thread. The trap: Linux moves the calling <em>thread</em>, not the
 * process. Threads and processes that it starts from then on go with it; all others stay. So:
 *
 * <ul>
 *   <li>platform threads only, and never one that goes back to a pool: let it end;
 *   <li>a socket or TAP belongs for ever to the namespace it was made in, whoever uses it;
 *   <li>{@code /proc/sys/net} shows the calling thread's namespace, {@code /proc/self/net} the
 *       first thread's ({@code /proc/thread-self/net} is right), {@code /sys/class/net} the one
 *       where sysfs was mounted.
 * </ul>
 *
 * Cold; needs CAP_SYS_ADMIN.
 */
public final class Namespaces {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int O_RDONLY = 0;

  private static final MethodHandle UNSHARE = Native.bind("unshare", INT, INT);
  private static final MethodHandle SETNS = Native.bind("setns", INT, INT, INT);

  private Namespaces() {}

  /** Moves the calling thread to a new, empty network, which ends with its last thread and fd. */
  public static void unshareNetwork() throws LinuxException {
    MemorySegment state = Native.callState();
    int result;
    try {
      result = Native.check((int) UNSHARE.invokeExact(state, CLONE_NEWNET), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
    LinuxException.check(result, "make a network namespace");
  }

  /** Moves the calling thread to the network of a file such as {@code /proc/123/ns/net}. */
  public static void joinNetwork(Path namespace) throws LinuxException {
    int fd = FileDescriptors.open(namespace.toString(), O_RDONLY);
    MemorySegment state = Native.callState();
    int result;
    try {
      result = Native.check((int) SETNS.invokeExact(state, fd, CLONE_NEWNET), state);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    } finally {
      FileDescriptors.close(fd);
    }
    LinuxException.check(result, "join network namespace " + namespace);
  }

  /**
   * Runs a task on a thread of its own in a new, empty network, and waits for it. What the task
   * throws is thrown here.
   */
  public static <T> T inPrivateNetwork(Callable<T> task) throws Exception {
    return onThread(
        () -> {
          unshareNetwork();
          return task.call();
        });
  }

  /** As {@link #inPrivateNetwork}, in the network of a file such as {@code /proc/123/ns/net}. */
  public static <T> T inNetwork(Path namespace, Callable<T> task) throws Exception {
    return onThread(
        () -> {
          joinNetwork(namespace);
          return task.call();
        });
  }

  private static <T> T onThread(Callable<T> task) throws Exception {
    FutureTask<T> run = new FutureTask<>(task);
    Thread thread = Thread.ofPlatform().name("private-network").start(run);
    try {
      return run.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof Exception exception ? exception : e;
    } finally {
      thread.join();
    }
  }
}
