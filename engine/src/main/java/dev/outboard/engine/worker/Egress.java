package dev.outboard.engine.worker;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FramePort;

/**
 * A port that frames leave by, as the worker sees it that has it: a guest's own, or the worker's of
 * a shared uplink.
 */
final class Egress {
  final FramePort port;

  /** What the port takes on transmit. */
  final int offloads;

  private final Counter frames = new Counter();
  private final Counter bytes = new Counter();

  /** The port stopped taking frames for so long that nobody waits any more. */
  boolean stalled;

  /** It has accepted frames of the burst that is under way. */
  boolean used;

  /** Whether the port may go on reading what it has accepted; and how often it does. */
  final boolean mayHold;

  int holds;

  /** It has held frames for so long that it gets no more. */
  boolean failed;

  /**
   * A port as a way out.
   *
   * @param offloads what it takes on transmit
   * @param mayHold whether it may go on reading what it has accepted
   */
  Egress(FramePort port, int offloads, boolean mayHold) {
    this.port = port;
    this.offloads = offloads;
    this.mayHold = mayHold;
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
