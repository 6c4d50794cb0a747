package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.SHARED;
import static dev.outboard.testkit.broken.Fault.SHARED_HOLDING;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import java.util.List;

/** Faults with frames that are held. */
final class HoldFaults {
  private HoldFaults() {}

  static List<Fault> all() {
    return List.of(
        SHARED_HOLDING.uplink(
            "hold-1", "frames held", (real, context, _) -> declaring(false, real, context)),
        SHARED_HOLDING
            .port(
                "hold-2",
                "tokens came back",
                real ->
                    new BrokenPort(real) {
                      private boolean lost;

                      @Override
                      public int reclaim(long[] tokens, int limit) {
                        int count = super.reclaim(tokens, limit);
                        boolean lose = count > 0 && !lost;
                        lost |= lose;
                        return lose ? count - 1 : count;
                      }
                    })
            .waiting(),
        SHARED_HOLDING.port(
            "hold-3",
            "came",
            real ->
                new BrokenPort(real) {
                  private int returned;

                  @Override
                  public int reclaim(long[] tokens, int limit) {
                    int count = super.reclaim(tokens, limit);
                    returned += count;
                    if (count == 0 && returned > 0) {
                      returned = 0;
                      return 1;
                    }
                    return count;
                  }
                }),
        SHARED_HOLDING.port(
            "hold-4",
            "reclaim of at most",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int reclaim(long[] tokens, int limit) {
                    return super.reclaim(tokens, tokens.length);
                  }
                }),
        SHARED.uplink("hold-5", "is ee, not", (real, context, _) -> holding(real, context, false)),
        SHARED.uplink("hold-6", "is ee, not", (real, context, _) -> holding(real, context, true)),
        SHARED_HOLDING.port("hold-7", "is ee, not", ForgetsTokens::new).waiting(),
        SHARED_HOLDING
            .port(
                "hold-8",
                "tokens never came back",
                real ->
                    new BrokenPort(real) {
                      private int accepted;

                      @Override
                      public int transmit(FrameBurst frames, int from, int count) {
                        int more = super.transmit(frames, from, count);
                        accepted += more;
                        return more;
                      }

                      @Override
                      public int reclaim(long[] tokens, int limit) {
                        return accepted > 64 ? 0 : super.reclaim(tokens, limit);
                      }
                    })
            .waiting(),
        SHARED_HOLDING
            .uplink(
                "hold-9",
                "tokens never came back",
                (real, context, provider) ->
                    new BrokenTransport(real, context.regions()) {
                      @Override
                      FramePort broken(FramePort port) {
                        return new BrokenPort(port) {
                          @Override
                          public int reclaim(long[] tokens, int limit) {
                            return provider.somebodyLeft ? 0 : super.reclaim(tokens, limit);
                          }
                        };
                      }

                      @Override
                      public void close() {
                        provider.somebodyLeft = true;
                        super.close();
                      }
                    })
            .waiting(),
        SHARED_HOLDING.port(
            "hold-10",
            "is ee, not",
            real ->
                new BrokenPort(real) {
                  @Override
                  public void unbind() {
                    // Later.
                  }

                  @Override
                  public void close() {
                    int _ = super.reclaim(new long[64], 64);
                    super.unbind();
                    super.close();
                  }
                }));
  }

  private static BrokenTransport declaring(
      boolean holds, Transport real, TransportContext context) {
    return new BrokenTransport(real, context.regions()) {
      @Override
      public Capabilities capabilities() {
        Capabilities is = real.capabilities();
        return is.withHoldsFrames(holds);
      }
    };
  }

  /** Holds frames where they are, first fragment and all. */
  private static Transport holding(Transport real, TransportContext context, boolean earlyToken) {
    return new BrokenTransport(declaring(true, real, context), context.regions()) {
      @Override
      FramePort broken(FramePort port) {
        return new HoldsAll(port, earlyToken);
      }
    };
  }

  /** Sends a burst when it is asked for tokens; before that, perhaps, it gives one back. */
  private static final class HoldsAll extends BrokenPort {
    private final boolean earlyToken;
    private FrameBurst burst;
    private int first;
    private int next;
    private int end;
    private boolean sent;

    HoldsAll(FramePort real, boolean earlyToken) {
      super(real);
      this.earlyToken = earlyToken;
    }

    @Override
    public int transmit(FrameBurst frames, int from, int count) {
      if (next < end) {
        return 0;
      }
      burst = frames;
      first = from;
      next = from;
      end = from + count;
      sent = false;
      for (int i = from; i < end; i++) {
        frames.hold(i);
      }
      return count;
    }

    @Override
    public int reclaim(long[] tokens, int limit) {
      if (next < end && !sent && (next > first || !earlyToken)) {
        int _ = real.transmit(burst, first, end - first);
        sent = true;
      }
      int most = sent ? limit : 1;
      int count = 0;
      while (count < most && next < end) {
        tokens[count++] = burst.token(next++);
      }
      return count;
    }
  }

  /** Takes frames without a token as if they had one. */
  private static final class ForgetsTokens extends BrokenPort {
    private FrameBurst late;
    private int lateFrame;

    ForgetsTokens(FramePort real) {
      super(real);
    }

    private boolean sendLate() {
      if (late != null && real.transmit(late, lateFrame, 1) == 1) {
        late = null;
      }
      return late == null;
    }

    @Override
    public int transmit(FrameBurst frames, int from, int count) {
      if (!sendLate()) {
        return 0;
      }
      if (frames.token(from) != FrameBurst.NO_TOKEN) {
        return real.transmit(frames, from, 1);
      }
      late = frames;
      lateFrame = from;
      return 1;
    }

    @Override
    public void flush() {
      boolean _ = sendLate();
    }
  }
}
