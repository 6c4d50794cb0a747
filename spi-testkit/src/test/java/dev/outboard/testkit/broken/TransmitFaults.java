package dev.outboard.testkit.broken;

import static dev.outboard.testkit.broken.Fault.SHARED;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.Priority;
import dev.outboard.spi.SharedPort;
import java.util.List;

/** Faults in how frames are sent, without holding any. */
final class TransmitFaults {
  private static final int LONG = 1_000;
  private static final int MANY_FRAGMENTS = 8;

  private TransmitFaults() {}

  static List<Fault> all() {
    return List.of(
        SHARED.port("transmit-1", "is ee, not", SendsLate::new),
        SHARED.port(
            "transmit-2",
            "number",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int transmit(FrameBurst frames, int from, int count) {
                    return super.transmit(frames, 0, from + count) - from;
                  }
                }),
        SHARED.port(
            "transmit-3",
            "number",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int transmit(FrameBurst frames, int from, int count) {
                    if (count < 2) {
                      return super.transmit(frames, from, count);
                    }
                    int _ = super.transmit(frames, from + 1, 1);
                    int _ = super.transmit(frames, from, 1);
                    return 2;
                  }
                }),
        SHARED
            .port(
                "transmit-4",
                "nothing counted",
                real ->
                    new BrokenPort(real) {
                      private int seen;

                      @Override
                      public int transmit(FrameBurst frames, int from, int count) {
                        return ++seen % 7 == 0 ? 1 : super.transmit(frames, from, 1);
                      }
                    })
            .waiting(),
        SHARED.port(
            "transmit-5",
            "the burst or its memory has changed",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int transmit(FrameBurst frames, int from, int count) {
                    int accepted = super.transmit(frames, from, count);
                    frames.setRoute(from, 0, 0);
                    return accepted;
                  }
                }),
        SHARED
            .port(
                "transmit-6",
                "0 of 20 frames arrived",
                real ->
                    new BrokenPort(real) {
                      @Override
                      public int transmit(FrameBurst frames, int from, int count) {
                        return frames.priority() == Priority.BULK
                            ? count
                            : super.transmit(frames, from, count);
                      }
                    })
            .waiting(),
        SHARED.port(
            "capabilities-3",
            "byte",
            real ->
                new BrokenPort(real) {
                  @Override
                  public int receive(FrameBurst into, int limit) {
                    int count = super.receive(into, limit);
                    for (int i = 0; i < count; i++) {
                      if (into.length(i) > LONG) {
                        Bursts.spoilEnd(into, i);
                      }
                    }
                    return count;
                  }
                }),
        SHARED
            .port(
                "capabilities-4",
                "0 of 1 frames arrived",
                real ->
                    new BrokenPort(real) {
                      @Override
                      public int transmit(FrameBurst frames, int from, int count) {
                        int fragments = frames.firstFragment(from + 1) - frames.firstFragment(from);
                        return fragments > MANY_FRAGMENTS ? 1 : super.transmit(frames, from, count);
                      }
                    })
            .waiting(),
        SHARED
            .port(
                "full-1",
                "does not return",
                real ->
                    new BrokenPort(real) {
                      @Override
                      public int transmit(FrameBurst frames, int from, int count) {
                        int accepted = 0;
                        while (accepted < count && !Thread.currentThread().isInterrupted()) {
                          accepted += super.transmit(frames, from + accepted, count - accepted);
                        }
                        return accepted;
                      }
                    })
            .waiting(),
        SHARED.port(
            "full-2",
            "came behind frame",
            real ->
                new BrokenPort(real) {
                  private int calls;

                  @Override
                  public int transmit(FrameBurst frames, int from, int count) {
                    int accepted = super.transmit(frames, from, count);
                    return ++calls % 2 == 1 ? accepted / 2 : accepted;
                  }
                }),
        SHARED.port("full-3", "none passed, ever", FullForEver::new).waiting());
  }

  /** Sends when it is called the next time. */
  private static final class SendsLate extends BrokenPort {
    private FrameBurst late;
    private int first;
    private int waiting;

    SendsLate(FramePort real) {
      super(real);
    }

    @Override
    public int transmit(FrameBurst frames, int from, int count) {
      late = frames;
      first = from;
      waiting = count;
      return count;
    }

    @Override
    public void flush() {
      if (waiting > 0) {
        int _ = ((SharedPort) real).transmit(late, first, waiting);
        waiting = 0;
      }
    }
  }

  /** Never gets over it. */
  private static final class FullForEver extends BrokenPort {
    private boolean full;

    FullForEver(FramePort real) {
      super(real);
    }

    @Override
    public int transmit(FrameBurst frames, int from, int count) {
      int accepted = full ? 0 : super.transmit(frames, from, count);
      full |= accepted < count;
      return accepted;
    }
  }
}
