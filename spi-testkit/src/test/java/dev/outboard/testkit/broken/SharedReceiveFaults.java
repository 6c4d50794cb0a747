package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.SHARED;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.WorkerContext;
import java.util.List;
import java.util.function.Function;

/** Faults in how frames come in by a worker's port, and how it tells of them. */
final class SharedReceiveFaults {
  private static final long PAUSE_NANOS = 200_000;

  private SharedReceiveFaults() {}

  static List<Fault> all() {
    return List.of(
        SHARED.port(
            "receive-1",
            "the next hop it came from",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(FrameBurst into, int limit) {
                    int count = super.receive(into, limit);
                    for (int i = 0; i < count; i++) {
                      into.setRoute(i, into.nextHop(i) + 1, 0);
                    }
                    return count;
                  }
                }),
        changed("receive-2", "fragments of a received frame", true, 0),
        SHARED.port(
            "receive-3",
            "of frame",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(FrameBurst into, int limit) {
                    int count = super.receive(into, limit);
                    super.release(into);
                    return count;
                  }

                  @Override
                  public void release(FrameBurst burst) {
                    // Done before.
                  }
                }),
        SHARED.port(
            "receive-4",
            "receive of at most",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(FrameBurst into, int limit) {
                    return super.receive(into, into.capacity());
                  }
                }),
        SHARED
            .port(
                "receive-5",
                "does not return",
                real ->
                    new BrokenPort(real) {
                      @Override
                      public int receive(FrameBurst into, int limit) {
                        int count = 0;
                        while (count == 0 && !Thread.currentThread().isInterrupted()) {
                          count = super.receive(into, limit);
                        }
                        return count;
                      }
                    })
            .waiting(),
        SHARED
            .port(
                "receive-6",
                "of 32 frames",
                real ->
                    new BrokenPort(real) {
                      private int received;

                      @Override
                      public int receive(FrameBurst into, int limit) {
                        int count = received < 64 ? super.receive(into, limit) : 0;
                        received += count;
                        return count;
                      }
                    })
            .waiting(),
        changed("receive-7", "has the offload fields 2", false, 2),
        SHARED.port("arm-1", "was not told", real -> bound(real, SilentContext::new)).waiting(),
        SHARED
            .port(
                "arm-2",
                "let the worker sleep",
                real ->
                    new BrokenPort(real) {
                      @Override
                      public boolean arm() {
                        boolean _ = super.arm();
                        return true;
                      }
                    })
            .waiting(),
        SHARED.port("arm-3", "the worker slept although", ArmsTooLate::new).waiting());
  }

  private static FramePort bound(FramePort real, Function<WorkerContext, WorkerContext> context) {
    return new BrokenPort(real) {
      @Override
      public void bind(WorkerContext worker) {
        super.bind(context.apply(worker));
      }
    };
  }

  /** Wakes nobody. */
  private static final class SilentContext extends BrokenContext {
    SilentContext(WorkerContext real) {
      super(real);
    }

    @Override
    public void wake() {
      // Not a word.
    }
  }

  /** A frame that arrives between the look and the arming wakes nobody. */
  private static final class ArmsTooLate extends BrokenPort {
    private volatile boolean armed;

    ArmsTooLate(FramePort real) {
      super(real);
    }

    @Override
    public void bind(WorkerContext context) {
      super.bind(
          new BrokenContext(context) {
            @Override
            public void wake() {
              if (armed) {
                super.wake();
              }
            }
          });
    }

    @Override
    public boolean arm() {
      armed = false;
      boolean empty = super.arm();
      long end = System.nanoTime() + PAUSE_NANOS;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      armed = true;
      return empty;
    }
  }

  /** Received frames are cut into two fragments, or given offload fields. */
  private static Fault changed(String rule, String seen, boolean cut, long offload) {
    return SHARED.uplink(
        rule,
        seen,
        (real, context, _) ->
            new BrokenTransport(real, context.regions()) {
              @Override
              FramePort broken(FramePort port) {
                return new Changes(port, regions, cut, offload);
              }
            });
  }

  private static final class Changes extends BrokenPort {
    private final FrameBurst received;
    private final boolean cut;
    private final long offload;

    Changes(FramePort real, RegionTable regions, boolean cut, long offload) {
      super(real);
      received = new FrameBurst(regions, 64, 64);
      this.cut = cut;
      this.offload = offload;
    }

    @Override
    public int receive(FrameBurst into, int limit) {
      received.clear();
      int count = super.receive(received, limit);
      for (int i = 0; i < count; i++) {
        int f = received.firstFragment(i);
        int length = received.length(i);
        int first = cut ? length / 2 : length;
        into.addFragment(received.region(f), received.offset(f), first);
        if (cut) {
          into.addFragment(received.region(f), received.offset(f) + first, length - first);
        }
        into.endFrame(received.network(i), length, offload, 0);
        into.setRoute(i, received.nextHop(i), 0);
      }
      return count;
    }
  }
}
