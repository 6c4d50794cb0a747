package dev.outboard.bench;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Tap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The plain kernel, as VMMs without a sidecar use it: make a TAP, put it into a bridge, set it up;
 * then delete it. In a network namespace of its own, in which one thread does all; needs root.
 */
final class KernelArm implements Arm {
  private static final String BRIDGE = "br0";
  private static final String ANOTHER = "another";
  private static final int GROUP = 1;

  private final ExecutorService inside =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
  private final List<Integer> taps = new ArrayList<>();

  KernelArm(int guests) throws Exception {
    run(
        () -> {
          Namespaces.unshareNetwork();
          Links.createBridge(BRIDGE);
          Links.disableIpv6(BRIDGE);
          Links.setUp(BRIDGE);
          for (int i = 0; i < guests; i++) {
            String name = "tap" + i;
            taps.add(make(name));
            Links.setGroup(name, GROUP);
          }
          return null;
        });
  }

  private static int make(String name) throws LinuxException {
    int tap = Tap.create(name);
    // Else its own announcements, copied to all ports, would be measured, too.
    Links.disableIpv6(name);
    Links.addToBridge(BRIDGE, name);
    Links.setUp(name);
    return tap;
  }

  private <T> T run(Callable<T> task) throws Exception {
    try {
      return inside.submit(task).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  @Override
  public List<String> steps() {
    return List.of("TAP into bridge", "TAP out of bridge", "delete TAP");
  }

  @Override
  public long[] sample() throws Exception {
    return run(
        () -> {
          long start = System.nanoTime();
          int tap = make(ANOTHER);
          long attached = System.nanoTime();
          Links.setDown(ANOTHER);
          Links.removeFromBridge(ANOTHER);
          long detached = System.nanoTime();
          FileDescriptors.close(tap);
          long deleted = System.nanoTime();
          return new long[] {attached - start, detached - attached, deleted - detached};
        });
  }

  @Override
  public void close() {
    Future<?> _ = inside.submit(this::deleteAll);
    inside.close();
  }

  private void deleteAll() {
    try {
      // One by one the kernel takes some 16 ms for each.
      Links.deleteGroup(GROUP);
    } catch (LinuxException e) {
      // They go with their descriptors, too.
      System.err.println(e.getMessage());
    }
    taps.forEach(FileDescriptors::close);
  }
}
