package dev.outboard.engine.worker;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.Priority;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.WorkerContext;
import java.util.function.Consumer;

/**
 * A port that frames leave by, as the worker sees it that has it: a guest's own, or the worker's of
 * a shared uplink.
 *
 * <p>Theory of operation. A port may be code of a third party, and all guests of the worker need
 * its thread. So whatever a port throws ends here: from then on it is <em>broken</em>, nothing of
 * it is called but unbind and close, and what was meant for it is dropped and counted. That costs
 * nothing while it works, since a call carries a whole burst. An InternalError is let through, for
 * it may be a guest's memory that is gone; {@link Worker} comes back to {@link #faulted} if it was
 * not.
 */
final class Egress {
  final FramePort port;

  /** What the port takes on transmit. */
  final int offloads;

  /** Says which ports hold a burst: one bit of 64, seldom shared. */
  final long bit;

  private final Consumer<String> tell;
  private final Counter frames = new Counter();
  private final Counter bytes = new Counter();

  /**
   * Of which priorities the port stopped taking frames for so long that nobody waits any more, a
   * bit for each: one may have a way of its own behind the port.
   */
  private int stalled;

  /** It has accepted frames of the burst that is under way. */
  boolean used;

  /** Whether the port may go on reading what it has accepted; and how often it does. */
  final boolean mayHold;

  int holds;

  /** It gets no more frames: it is broken, or has held some for too long. */
  boolean failed;

  /** When that was. */
  long failedAt;

  /** It has thrown, and must not be called again. */
  private boolean broken;

  private boolean bound;

  /** It was being called when an InternalError came. */
  private boolean faulted;

  private volatile String failure;

  /**
   * A port as a way out.
   *
   * @param offloads what it takes on transmit
   * @param mayHold whether it may go on reading what it has accepted
   * @param number the uplink's, or any of a guest's own port
   * @param tell gets a line when it breaks; the worker's thread
   */
  Egress(FramePort port, int offloads, boolean mayHold, int number, Consumer<String> tell) {
    this.port = port;
    this.offloads = offloads;
    this.mayHold = mayHold;
    this.tell = tell;
    bit = 1L << number;
  }

  /** As {@link FramePort#bind}. */
  void bind(WorkerContext context) {
    if (broken) {
      return;
    }
    try {
      bound = true;
      port.bind(context);
    } catch (RuntimeException | Error e) {
      thrown("bind()", e);
    }
  }

  /** As {@link FramePort#unbind}, also of a broken port: it has fds that are watched. */
  void unbind() {
    if (!bound) {
      return;
    }
    bound = false;
    try {
      port.unbind();
    } catch (RuntimeException | Error e) {
      thrown("unbind()", e);
    }
  }

  /** As {@link FramePort#transmit}; 0 once it is broken. */
  int transmit(FrameBurst burst, int from, int count) {
    if (broken) {
      return 0;
    }
    try {
      int accepted = port.transmit(burst, from, count);
      if (accepted >= 0 && accepted <= count) {
        return accepted;
      }
      broken("transmit() accepted " + accepted + " of " + count + " frames");
    } catch (RuntimeException | Error e) {
      thrown("transmit()", e);
    }
    return 0;
  }

  /** As {@link FramePort#reclaim}; 0 once it is broken. */
  int reclaim(long[] tokens, int limit) {
    if (broken) {
      return 0;
    }
    try {
      int count = port.reclaim(tokens, limit);
      if (count >= 0 && count <= Math.min(limit, holds)) {
        return count;
      }
      broken("reclaim() gave " + count + " tokens of " + holds);
    } catch (RuntimeException | Error e) {
      thrown("reclaim()", e);
    }
    return 0;
  }

  /** As {@link FramePort#flush}. */
  void flush() {
    if (broken) {
      return;
    }
    try {
      port.flush();
    } catch (RuntimeException | Error e) {
      thrown("flush()", e);
    }
  }

  /** As {@link GuestPort#receiveOffloads}, of this port. */
  void receiveOffloads(GuestPort own, int allowed) {
    if (broken) {
      return;
    }
    try {
      own.receiveOffloads(allowed);
    } catch (RuntimeException | Error e) {
      thrown("receiveOffloads()", e);
    }
  }

  /** As {@link GuestPort#receive}, of this port; 0 once it is broken. */
  int receive(GuestPort own, ReceiveSpace space, int limit) {
    if (broken) {
      return 0;
    }
    try {
      int count = own.receive(space, limit);
      if (count >= 0 && count <= limit && count == space.frameCount()) {
        return count;
      }
      broken("receive() gave " + count + ", not the frames it recorded, " + space.frameCount());
    } catch (RuntimeException | Error e) {
      thrown("receive()", e);
    }
    return 0;
  }

  /** Something that the port was asked for threw; an InternalError is thrown on. */
  void thrown(String call, Throwable e) {
    if (e instanceof InternalError fault) {
      faulted = true;
      throw fault;
    }
    broken(call + " threw " + e);
  }

  /** The port is not called any more. */
  void broken(String why) {
    broken = true;
    fail();
    String line = why.lines().findFirst().orElse("it failed");
    if (failure == null) {
      failure = line;
      tell.accept(line);
    }
  }

  /** The port gets no more frames. */
  void fail() {
    if (!failed) {
      failed = true;
      failedAt = System.nanoTime();
    }
  }

  boolean isBroken() {
    return broken;
  }

  /** Whether it was being called when an InternalError came; asked once for each. */
  boolean takeFaulted() {
    boolean was = faulted;
    faulted = false;
    return was;
  }

  /** Whether nobody waits for it who has this priority. */
  boolean isStalled(Priority priority) {
    return (stalled & (1 << priority.rank())) != 0;
  }

  /** It has not taken a frame of this priority for too long. */
  void stall(Priority priority) {
    stalled |= 1 << priority.rank();
  }

  /** It has taken one. */
  void progress(Priority priority) {
    stalled &= ~(1 << priority.rank());
  }

  /** Why it carries nothing any more, or null. Any thread. */
  String failure() {
    if (failure != null) {
      return failure;
    }
    try {
      return port.failure();
    } catch (RuntimeException e) {
      return "failure() threw " + e;
    }
  }

  /** Frames and their bytes that the port has accepted. */
  void count(long acceptedFrames, long acceptedBytes) {
    frames.add(acceptedFrames);
    bytes.add(acceptedBytes);
  }

  /** Frames that the port has accepted. Any thread. */
  long frames() {
    return frames.value();
  }

  /** Their bytes. Any thread. */
  long bytes() {
    return bytes.value();
  }
}
