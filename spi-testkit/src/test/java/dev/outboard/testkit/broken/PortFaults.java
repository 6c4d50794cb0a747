package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.GUEST;
import static dev.outboard.testkit.broken.Fault.SHARED;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.WorkerContext;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Faults in how ports are bound, closed and lost. */
final class PortFaults {
  private static volatile long[] garbage;

  private PortFaults() {}

  static List<Fault> all() {
    return List.of(
        GUEST.port("port-1", "fds that are still watched", KeepsWatching::new),
        GUEST.port("port-2", "unwatch called by thread", UnwatchesLate::new),
        GUEST.uplink("port-3", "of 20 frames arrived", PortFaults::lastOfItsWorker).waiting(),
        SHARED.port(
            "port-4",
            "IllegalStateException",
            real ->
                new BrokenPort(real) {
                  private boolean used;

                  @Override
                  public int transmit(FrameBurst frames, int from, int count) {
                    used = true;
                    return super.transmit(frames, from, count);
                  }

                  @Override
                  public void flush() {
                    if (!used) {
                      throw new IllegalStateException("nothing to flush");
                    }
                  }
                }),
        SHARED.port(
            "port-5",
            "failure() is 'none'",
            real ->
                new BrokenPort(real) {
                  @Override
                  public String failure() {
                    return "none";
                  }
                }),
        SHARED
            .port(
                "port-6",
                "bytes for",
                real ->
                    new BrokenPort(real) {
                      @Override
                      public int transmit(FrameBurst frames, int from, int count) {
                        garbage = new long[count];
                        return super.transmit(frames, from, count);
                      }
                    })
            .waiting(),
        SHARED
            .port(
                "close-1",
                "file descriptors more than before",
                real -> {
                  Leaks.descriptor();
                  return real;
                })
            .waiting(),
        SHARED
            .uplink(
                "close-2",
                "thread left-behind",
                (real, _, _) -> {
                  Leaks.thread();
                  return real;
                })
            .waiting(),
        SHARED.uplink(
            "close-3",
            "regions in the table",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  @Override
                  FramePort broken(FramePort port) {
                    return leavingRegion(port, regions);
                  }
                }),
        SHARED.port(
            "close-4",
            "IllegalStateException",
            real ->
                new BrokenPort(real) {
                  private boolean used;

                  @Override
                  public int receive(FrameBurst into, int limit) {
                    int count = super.receive(into, limit);
                    used |= count > 0;
                    return count;
                  }

                  @Override
                  public void close() {
                    super.close();
                    if (used) {
                      throw new IllegalStateException("frames are waiting");
                    }
                  }
                }),
        SHARED.port(
            "close-5",
            "NullPointerException",
            real ->
                new BrokenPort(real) {
                  private WorkerContext context;

                  @Override
                  public void bind(WorkerContext worker) {
                    context = worker;
                    super.bind(worker);
                  }

                  @Override
                  public void close() {
                    super.close();
                    int _ = context.worker();
                  }
                }),
        SHARED.uplink(
            "adopt-1",
            "NullPointerException",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  @Override
                  public GuestPort adoptPort(PortSpec spec, PortState state) {
                    throw new NullPointerException(state.values().get("name"));
                  }
                }),
        SHARED.uplink("loss-1", "IllegalStateException", (r, c, p) -> lost(r, c, p, true)),
        SHARED.uplink("loss-2", "no frame passes", (r, c, p) -> lost(r, c, p, false)).waiting());
  }

  /** Never unwatches. */
  private static final class KeepsWatching extends BrokenPort {
    KeepsWatching(FramePort real) {
      super(real);
    }

    @Override
    public void bind(WorkerContext context) {
      super.bind(
          new BrokenContext(context) {
            @Override
            public void unwatch(int fd) {
              // Who cares.
            }
          });
    }
  }

  /** Unwatches when it is closed. */
  private static final class UnwatchesLate extends BrokenPort {
    private WorkerContext context;
    private int watched;

    UnwatchesLate(FramePort real) {
      super(real);
    }

    @Override
    public void bind(WorkerContext worker) {
      context = worker;
      super.bind(
          new BrokenContext(worker) {
            @Override
            public boolean watch(int fd) {
              watched = fd;
              return super.watch(fd);
            }

            @Override
            public void unwatch(int fd) {
              // Later.
            }
          });
    }

    @Override
    public void close() {
      context.unwatch(watched);
      super.close();
    }
  }

  /** Of a worker's ports only the one that was bound last gets frames. */
  private static Transport lastOfItsWorker(
      Transport real, TransportContext context, BrokenProvider provider) {
    Map<Thread, BrokenPort> last = new ConcurrentHashMap<>();
    return new BrokenTransport(real, context.regions()) {
      @Override
      FramePort broken(FramePort port) {
        return new BrokenPort(port) {
          @Override
          public void bind(WorkerContext worker) {
            last.put(Thread.currentThread(), this);
            super.bind(worker);
          }

          @Override
          public int receive(ReceiveSpace space, int limit) {
            return last.get(Thread.currentThread()) == this ? super.receive(space, limit) : 0;
          }
        };
      }
    };
  }

  private static FramePort leavingRegion(FramePort port, RegionTable regions) {
    int _ = regions.add(Arena.ofAuto().allocate(64));
    return port;
  }

  /** Once an uplink has closed, the others throw, or lose all that they are given. */
  private static Transport lost(
      Transport real, TransportContext context, BrokenProvider provider, boolean loudly) {
    return new BrokenTransport(real, context.regions()) {
      @Override
      FramePort broken(FramePort port) {
        return new BrokenPort(port) {
          @Override
          public int transmit(FrameBurst frames, int from, int count) {
            if (provider.somebodyLeft && loudly) {
              throw new IllegalStateException("connection reset");
            }
            return provider.somebodyLeft ? count : super.transmit(frames, from, count);
          }
        };
      }

      @Override
      public void close() {
        provider.somebodyLeft = true;
        super.close();
      }
    };
  }
}
