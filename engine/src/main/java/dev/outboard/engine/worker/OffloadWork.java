package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.engine.virtqueue.DescriptorChain;
import dev.outboard.engine.virtqueue.PrivateHeaders;
import dev.outboard.engine.virtqueue.ReceiveQueue;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.packet.ChecksumFiller;
import dev.outboard.packet.Segmenter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;

/**
 * Does what a frame's receiver would have to do and does not: fills its checksum, or cuts it into
 * segments. One per worker, used by its thread.
 *
 * <p>Theory of operation. A checksum is filled in the frame's private headers; from then on the
 * frame needs nothing, whoever gets it. A super-frame stays as it is: its segments are made a
 * handful at a time, in memory of ours for their headers, and given to the receiver as frames of
 * their own. Their payload is copied once, from the sender's memory to the receiver's. If the
 * receiver runs out of room midway, the sender's queue remembers how many segments are delivered
 * and goes on there when the frame comes again. (It is read anew then: a sender that changes it
 * meanwhile gets a mixture of its own frames, each of them checked.)
 *
 * <p>A guest may ask for tens of thousands of tiny segments with one frame, so there is a limit for
 * each burst; others are served before it goes on.
 */
final class OffloadWork implements AutoCloseable {
  /** What {@link #prepare} says: the frame can be given to the receiver. */
  static final int READY = 0;

  /** Its segments can. */
  static final int CUT = 1;

  /** Neither: its headers and offload fields don't fit. */
  static final int UNFIT = 2;

  /** Segments of one burst; more than usual ones make out of all it may have. */
  private static final int MOST_IN_BURST = 512;

  /** Segments made at a time: few enough to be in the cache when they are copied. */
  private static final int AT_A_TIME = 64;

  private static final int NONE = -1;

  private final PrivateHeaders headers;
  private final Scratch scratch;
  private final ChecksumFiller filler = new ChecksumFiller();
  private final Segmenter segmenter;
  private int left;
  private int answer;
  private int done;
  private int slot;

  OffloadWork(RegionTable regions, PrivateHeaders headers, Scratch scratch) {
    this.headers = headers;
    this.scratch = scratch;
    segmenter = new Segmenter(regions, AT_A_TIME, DescriptorChain.MAX_DESCRIPTORS + 1);
  }

  /** A new burst begins. */
  void begin() {
    left = MOST_IN_BURST;
  }

  /** How many segments were given to receivers in this burst. */
  int segments() {
    return MOST_IN_BURST - left;
  }

  /** Whether this burst has had its share of segments. */
  boolean isExhausted() {
    return left == 0;
  }

  /**
   * Makes frame {@code i} fit for a receiver.
   *
   * @param offloads what the receiver takes
   * @param longest how long a frame may be that is no super-frame
   */
  int prepare(FrameBurst burst, int i, int offloads, int longest) {
    if ((burst.neededOffloads(i) & ~offloads) == 0) {
      return READY;
    }
    headers.extend(burst, i);
    if (burst.segmentation(i) == FrameBurst.GSO_NONE) {
      return filler.fill(burst, i) ? READY : UNFIT;
    }
    return segmenter.open(burst, i, longest) ? CUT : UNFIT;
  }

  /**
   * Counts what became of the frame of the last {@link #prepare}.
   *
   * @param from the first segment that was still to be delivered
   * @param done the first that is so now
   * @return whether none is
   */
  boolean count(GuestCounters sender, int from, int done) {
    sender.segments(Math.max(0, done - from));
    boolean all = done >= segmenter.count();
    if (all) {
      sender.segmented();
    }
    return all;
  }

  /**
   * Delivers segments of the frame of the last {@link #prepare} to a guest, as far as it goes.
   *
   * @param from the first that is not delivered yet
   * @return the first that is not delivered now; {@link #answer} says why
   */
  int deliver(ReceiveQueue queue, GuestCounters receiver, int from) {
    done = from;
    slot = NONE;
    answer = ReceiveQueue.DELIVERED;
    while (done < segmenter.count() && answer == ReceiveQueue.DELIVERED && left > 0) {
      int made = segmenter.fill(done, Math.clamp(queue.buffers(AT_A_TIME), 1, left));
      for (int s = 0; s < made; s++) {
        slot = s;
        answer = queue.deliver(segmenter.segments(), s, scratch);
        if (answer != ReceiveQueue.DELIVERED) {
          break;
        }
        done++;
        slot = NONE;
        left--;
        receiver.received(1, segmenter.segments().length(s));
      }
    }
    return done;
  }

  /** The first segment that is not delivered; after a failure, too. */
  int done() {
    return done;
  }

  /** Under which number a queue knows the segment that was being delivered, when it failed. */
  int slot() {
    return slot;
  }

  /** The queue's answer to the last segment that {@link #deliver} tried. */
  int answer() {
    return answer;
  }

  /** As {@link #deliver}, by a port; it has failed or is full if not all are gone. */
  int transmit(Egress egress, int from) {
    done = from;
    slot = NONE;
    while (done < segmenter.count() && left > 0) {
      int made = segmenter.fill(done, left);
      int accepted = egress.transmit(segmenter.segments(), 0, made);
      egress.count(accepted, bytes(accepted));
      done += accepted;
      left -= accepted;
      if (accepted < made) {
        break;
      }
    }
    return done;
  }

  private long bytes(int accepted) {
    long bytes = 0;
    for (int s = 0; s < accepted; s++) {
      bytes += segmenter.segments().length(s);
    }
    return bytes;
  }

  /** How often a port holds segments, since the last time this was asked. */
  int takeHolds() {
    return segmenter.segments().takeHolds();
  }

  /** After the worker has ended. */
  @Override
  public void close() {
    segmenter.close();
  }
}
