package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.FloodLimit;
import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.engine.virtqueue.TransmitQueue;
import dev.outboard.packet.Coalescer;
import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.SharedPort;
import java.util.function.Consumer;

/**
 * A worker's share of an uplink that all guests use: its port, and the frames that came in by it
 * and are not yet delivered. Made by the control thread; the worker's thread has it from {@link
 * Worker#openUplink} to {@link Worker#closeUplink}.
 */
public final class SharedUplink {
  private static final int BURST = TransmitQueue.BURST;

  /** A frame lies in one fragment. */
  private static final int FRAGMENTS = BURST;

  final int number;
  final String name;
  final SharedPort port;
  final Egress egress;
  final GuestCounters counters = new GuestCounters();
  final HeadOfLine head = new HeadOfLine();

  /** How many frames to groups stations may send that nobody knows. */
  final FloodLimit floodLimit = new FloodLimit();

  private final FrameBurst raw;
  private final Coalescer coalescer;
  private FrameBurst frames;
  private final Counter joined = new Counter();

  /** The first frame that is not done with. */
  int position;

  /** It is asked for frames in each loop; otherwise its fd tells. */
  boolean awake = true;

  /** When it was first found without frames, or 0. */
  long quietSince;

  /** When it was last left alone. */
  long leftAt;

  Patience patience;

  /**
   * A worker's share.
   *
   * @param number the uplink's
   * @param name the uplink's, as users write it
   * @param offloads what the port takes on transmit
   * @param mayHold whether the port may go on reading what it has accepted
   * @param failed gets a line when the port breaks; the worker's thread
   */
  public SharedUplink(
      int number,
      String name,
      SharedPort port,
      int offloads,
      boolean mayHold,
      RegionTable regions,
      Consumer<String> failed) {
    this.number = number;
    this.name = name;
    this.port = port;
    egress = new Egress(port, offloads, mayHold, number, failed);
    raw = new FrameBurst(regions, BURST, FRAGMENTS);
    coalescer = new Coalescer(regions, BURST, FRAGMENTS);
    frames = raw;
  }

  /** The frames that are being delivered. */
  FrameBurst frames() {
    return frames;
  }

  /** Takes new frames from the port if all were dealt with; false if there are none. */
  boolean fill() {
    if (position < frames.count()) {
      return true;
    }
    release();
    if (!receive()) {
      return false;
    }
    frames = coalescer.coalesce(raw);
    joined.add(raw.count() - frames.count());
    return true;
  }

  private boolean receive() {
    if (egress.isBroken()) {
      return false;
    }
    try {
      int count = port.receive(raw, BURST);
      if (count == raw.count()) {
        return count > 0;
      }
      egress.broken("receive() gave " + count + ", not the frames it added, " + raw.count());
    } catch (RuntimeException | Error e) {
      raw.clear();
      egress.thrown("receive()", e);
    }
    raw.clear();
    return false;
  }

  /** As {@link SharedPort#arm}; a broken port has nothing to tell. */
  boolean arm() {
    try {
      return egress.isBroken() || port.arm();
    } catch (RuntimeException | Error e) {
      egress.thrown("arm()", e);
      return true;
    }
  }

  private void release() {
    if (raw.count() > 0 && !egress.isBroken()) {
      try {
        port.release(raw);
      } catch (RuntimeException | Error e) {
        raw.clear();
        egress.thrown("release()", e);
      }
    }
    raw.clear();
    frames = raw;
    position = 0;
  }

  /** Gives the frames back and lets the worker go. */
  void unbind() {
    release();
    egress.unbind();
  }

  /** Frames that came from outside, and what became of those that no guest was given. */
  public GuestCounters counters() {
    return counters;
  }

  /** Frames that became a part of the one before them, and are counted with it. Any thread. */
  public long joinedFrames() {
    return joined.value();
  }

  /** Frames that the port has accepted. Any thread. */
  public long sentFrames() {
    return egress.frames();
  }

  /** Their bytes, from the Ethernet header on. Any thread. */
  public long sentBytes() {
    return egress.bytes();
  }

  /** Why it carries nothing any more, or null. Any thread. */
  public String failure() {
    return egress.failure();
  }

  /** Closes the port; no worker has it any more. The control thread. */
  public void close() {
    port.close();
    coalescer.close();
  }
}
