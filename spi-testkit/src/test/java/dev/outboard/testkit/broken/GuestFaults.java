package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.GUEST;

import dev.outboard.linux.EventFd;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.WorkerContext;
import java.util.List;
import java.util.function.Function;

/** Faults of a guest's port, but for how frames come in by it. */
final class GuestFaults {
  private static final long PAUSE_NANOS = 200_000;

  private GuestFaults() {}

  static List<Fault> all() {
    return List.of(
        clears("offload-1", "transport checksum", FrameBurst.GSO_NONE),
        clears("offload-2", "needs no segmentation", FrameBurst.GSO_TCPV4),
        clears("offload-3", "needs no segmentation", FrameBurst.GSO_TCPV6),
        clears("offload-4", "needs no segmentation", FrameBurst.GSO_UDP_L4),
        GUEST.port("wake-1", "was not told", real -> bound(real, Unwatched::new)).waiting(),
        GUEST.port("wake-2", "the worker slept although", LosesEdges::new).waiting(),
        opened(
            "guest-1",
            "was not refused",
            spec ->
                new BrokenSpec(spec) {
                  @Override
                  public int mtu() {
                    return Math.min(super.mtu(), 1500);
                  }
                }),
        GUEST.uplink(
            "guest-2",
            "UnsupportedOperationException",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  @Override
                  public SharedPort openSharedPort(int worker) {
                    throw new UnsupportedOperationException();
                  }
                }),
        GUEST.uplink(
            "guest-3",
            "was refused by 'no peers",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  @Override
                  public NextHop openPeer(int network, String endpoint) throws TransportException {
                    throw new TransportException("no peers here\nnone at all");
                  }
                }),
        GUEST
            .port(
                "guest-4",
                "0 of 4 frames arrived",
                real ->
                    new BrokenPort(real) {
                      private boolean deaf;

                      @Override
                      public void unbind() {
                        deaf = true;
                        super.unbind();
                      }

                      @Override
                      public int receive(ReceiveSpace space, int limit) {
                        return deaf ? 0 : super.receive(space, limit);
                      }
                    })
            .waiting(),
        GUEST.uplink(
            "guest-5",
            "counters asked for later",
            (real, context, _) ->
                new BrokenTransport(real, context.regions()) {
                  @Override
                  public GuestPort openPort(PortSpec spec) throws TransportException {
                    return new BrokenPort(real.openPort(spec)) {
                      @Override
                      public void close() {
                        Counter _ = spec.dropCounter("late");
                        super.close();
                      }
                    };
                  }
                }),
        GUEST.port(
            "guest-6",
            "needed and were not allowed",
            real ->
                new BrokenPort(real) {
                  @Override
                  public void receiveOffloads(int offloads) {
                    super.receiveOffloads(Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6);
                  }
                }),
        GUEST.port(
            "guest-7",
            "not allowed any more",
            real ->
                new BrokenPort(real) {
                  private int allowed;

                  @Override
                  public void receiveOffloads(int offloads) {
                    allowed |= offloads;
                    super.receiveOffloads(allowed);
                  }
                }));
  }

  /** Ports for guests of another specification. */
  static Fault opened(String rule, String seen, Function<PortSpec, PortSpec> change) {
    return GUEST.uplink(
        rule,
        seen,
        (real, context, _) ->
            new BrokenTransport(real, context.regions()) {
              @Override
              public GuestPort openPort(PortSpec spec) throws TransportException {
                return real.openPort(change.apply(spec));
              }
            });
  }

  /** Sends frames of a kind as if they needed nothing. */
  private static Fault clears(String rule, String seen, int kind) {
    return GUEST.uplink(
        rule,
        seen,
        (real, context, _) ->
            new BrokenTransport(real, context.regions()) {
              @Override
              FramePort broken(FramePort port) {
                return new BrokenPort(port) {
                  @Override
                  public int transmit(FrameBurst frames, int from, int count) {
                    FrameBurst copy =
                        Bursts.copy(
                            regions, frames, fields -> (fields >>> 8 & 0xff) == kind ? 0 : fields);
                    return super.transmit(copy, from, count);
                  }
                };
              }
            });
  }

  private static FramePort bound(FramePort real, Function<WorkerContext, WorkerContext> context) {
    return new BrokenPort(real) {
      @Override
      public void bind(WorkerContext worker) {
        super.bind(context.apply(worker));
      }
    };
  }

  /** Watches nothing. */
  private static final class Unwatched extends BrokenContext {
    Unwatched(WorkerContext real) {
      super(real);
    }

    @Override
    public boolean watch(int fd) {
      return true;
    }

    @Override
    public void unwatch(int fd) {
      // It is not.
    }
  }

  /** What happens while it finds no frames, it forgets. */
  private static final class LosesEdges extends BrokenPort {
    private WorkerContext context;
    private int bell;

    LosesEdges(FramePort real) {
      super(real);
    }

    @Override
    public void bind(WorkerContext worker) {
      context = worker;
      super.bind(
          new BrokenContext(worker) {
            @Override
            public boolean watch(int fd) {
              bell = fd;
              return super.watch(fd);
            }
          });
    }

    @Override
    public int receive(ReceiveSpace space, int limit) {
      int count = super.receive(space, limit);
      if (count == 0) {
        long end = System.nanoTime() + PAUSE_NANOS;
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
        EventFd.drain(bell);
        context.unwatch(bell);
        boolean _ = context.watch(bell);
      }
      return count;
    }
  }
}
