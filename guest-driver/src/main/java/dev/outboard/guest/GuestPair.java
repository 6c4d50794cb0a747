package dev.outboard.guest;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Threads;
import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Two guests that talk with each other, and how their threads behave: what every load is given.
 * Immutable; one load at a time uses the devices.
 *
 * @param a the guest that begins
 * @param b the guest that answers
 * @param aAddress addresses of a
 * @param bAddress addresses of b
 * @param driving one thread for both, or one for each
 * @param idling what a thread does that finds nothing
 * @param aCpu where a's thread (or that of both) runs; -1: anywhere
 * @param bCpu where b's thread runs; -1: anywhere
 */
public record GuestPair(
    GuestDevice a,
    GuestDevice b,
    Endpoint aAddress,
    Endpoint bAddress,
    Driving driving,
    Idling idling,
    int aCpu,
    int bCpu)
    implements AutoCloseable {

  /** Who drives the guests. */
  public enum Driving {
    /** One thread turns from one guest to the other; it never sleeps. */
    TOGETHER,
    /** A thread for each guest. */
    APART
  }

  /** What a thread of its own does when there is nothing to receive. */
  public enum Idling {
    /** Looks again; lets other threads run now and then. */
    POLL,
    /** Looks again, and lets other threads run each time: for a processor that is shared. */
    YIELD,
    /** Looks again for some microseconds, then sleeps. */
    ADAPTIVE,
    /** Sleeps at once. */
    SLEEP
  }

  private static final int SPINS = 2000;
  private static final long NAP_NANOS = 10_000_000;
  private static final long PARK_NANOS = 50_000;
  private static final long DRAIN_NANOS = 50_000_000;
  private static final int DRAIN_LENGTH = 64;

  /** Where the process may run: threads inherit the binding of the one that starts them. */
  private static final int[] ALL_CPUS = allCpus();

  /** The same guests, whose threads behave otherwise while they find nothing. */
  GuestPair idling(Idling other) {
    return new GuestPair(a, b, aAddress, bAddress, driving, other, aCpu, bCpu);
  }

  /** Frames of this length that may be under way without overflowing a queue of either guest. */
  public int capacity(int length) {
    return Math.min(a.capacity(length), b.capacity(length));
  }

  /** The template of frames from a to b. */
  public FrameTemplate toB(FrameTemplate.Kind kind, int length, int segment) {
    return template(kind, aAddress, bAddress, length, segment);
  }

  /** The template of frames from b to a. */
  public FrameTemplate toA(FrameTemplate.Kind kind, int length, int segment) {
    return template(kind, bAddress, aAddress, length, segment);
  }

  static FrameTemplate template(
      FrameTemplate.Kind kind, Endpoint from, Endpoint to, int length, int segment) {
    return switch (kind) {
      case RAW -> FrameTemplate.raw(from, to, length);
      case UDP -> FrameTemplate.udp(from, to, length);
      case TCP -> FrameTemplate.tcp(from, to, length, segment);
    };
  }

  /** What one thread does while it finds nothing. Belongs to that thread. */
  static final class Idler {
    private final GuestDevice device;
    private final Idling idling;
    private int spins;

    Idler(GuestDevice device, Idling idling) {
      this.device = device;
      this.idling = idling;
    }

    /**
     * There was something. Whoever shares the processor runs first even so: a thread that always
     * finds work would keep a sidecar off its own processor for as long as the kernel lets it.
     */
    void reset() {
      spins = 0;
      if (idling == Idling.YIELD) {
        letOthersRun();
      }
    }

    /** There was nothing. True if it slept over it. */
    boolean idle() {
      boolean tired = ++spins > SPINS || idling == Idling.YIELD;
      boolean sleeps = idling == Idling.SLEEP || (idling == Idling.ADAPTIVE && tired);
      if (sleeps) {
        device.await(NAP_NANOS);
      } else if (tired) {
        letOthersRun();
      } else {
        Thread.onSpinWait();
      }
      return sleeps;
    }

    /** As {@link #idle}, where the other thread and not the device ends the wait. */
    void idleForPeer() {
      boolean spin = idling == Idling.POLL || idling == Idling.ADAPTIVE;
      if (spin && ++spins <= SPINS) {
        Thread.onSpinWait();
      } else if (idling == Idling.POLL || idling == Idling.YIELD) {
        letOthersRun();
      } else {
        LockSupport.parkNanos(PARK_NANOS);
      }
    }
  }

  /**
   * Throws away what comes after all, so that frames which a load has given up don't disturb the
   * next one. Returns how many of our frames came.
   */
  long drain() {
    long atB = b instanceof FarGuest far ? far.drain() : drain(b, aAddress, bAddress);
    return atB + drain(a, bAddress, aAddress);
  }

  static long drain(GuestDevice device, Endpoint from, Endpoint to) {
    FrameCheck nothing =
        new FrameCheck(template(FrameTemplate.Kind.UDP, from, to, DRAIN_LENGTH, 0));
    long quiet = System.nanoTime();
    while (System.nanoTime() - quiet < DRAIN_NANOS) {
      if (device.receive(nothing, 1) > 0) {
        quiet = System.nanoTime();
      }
    }
    return nothing.frames();
  }

  /** Starts the guest that answers, in a thread of its own unless it is a process already. */
  LoadPeer startEcho(Echo echo) {
    return b instanceof FarGuest far
        ? far.answer(echo, idling)
        : new Side("guest-b", bCpu, side -> echo.run(side, idlerB()));
  }

  /** Starts the guest that receives; the check holds its counts when it has been joined. */
  LoadPeer startReceiver(FrameCheck check, int burst) {
    return b instanceof FarGuest far
        ? far.take(check, burst, idling)
        : new Side(
            "guest-b", bCpu, side -> Stream.receive(side, b, idlerB(), check, burst, side.meter));
  }

  Idler idlerA() {
    return new Idler(a, driving == Driving.TOGETHER ? Idling.POLL : idling);
  }

  Idler idlerB() {
    return new Idler(b, idling);
  }

  /** A thread that has ended, and what it threw. */
  static final class Side implements LoadPeer, StopSign {
    private final Thread thread;
    private final Meter meter = new Meter(Arena.ofAuto().allocate(Meter.BYTES, Long.BYTES));
    private volatile Throwable failure;
    private volatile boolean stopped;

    /**
     * Starts a thread of a load and waits until it is on its CPU: it begins on that of its starter,
     * which may be about to spin there. The task shall end soon after {@link #isStopped}.
     */
    Side(String name, int cpu, Consumer<Side> task) {
      CountDownLatch placed = new CountDownLatch(1);
      thread =
          Thread.ofPlatform()
              .name(name)
              .daemon()
              .start(
                  () -> {
                    try {
                      pin(cpu);
                      placed.countDown();
                      task.accept(this);
                    } catch (Throwable e) {
                      failure = e;
                    } finally {
                      placed.countDown();
                    }
                  });
      try {
        placed.await();
      } catch (InterruptedException e) {
        // It will be there soon.
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public long arrived() {
      return meter.arrived();
    }

    @Override
    public boolean isStopped() {
      return stopped;
    }

    @Override
    public boolean hasFailed() {
      return failure != null;
    }

    /** Stops the thread, waits for its end and throws what it has thrown. */
    @Override
    public void join() {
      stopped = true;
      Threads.joinUninterruptibly(thread);
      if (failure != null) {
        throw new IllegalStateException(thread.getName() + ": " + failure, failure);
      }
    }
  }

  /**
   * On a crowded machine the peer may be waiting for this very processor. For waits that are long
   * already; with nobody waiting it costs half a microsecond.
   */
  @SuppressWarnings("ThreadPriorityCheck")
  static void letOthersRun() {
    Thread.yield();
  }

  /** Binds the calling thread to a CPU; -1: to all that the process had when it began. */
  static void pin(int cpu) {
    try {
      Threads.pinCurrentThread(cpu >= 0 ? new int[] {cpu} : ALL_CPUS);
    } catch (LinuxException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static int[] allCpus() {
    try {
      return Threads.allowedCpus();
    } catch (LinuxException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    a.close();
    b.close();
  }
}
