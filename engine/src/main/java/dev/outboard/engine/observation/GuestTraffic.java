package dev.outboard.engine.observation;

import dev.outboard.packet.TcpHeader;
import dev.outboard.spi.Counter;
import java.util.function.BiConsumer;

/**
 * What is seen of one guest's TCP while it is observed: made by the control thread, told by {@link
 * Observer}s, read by any thread. Its size is fixed, whatever the guest or its peers send.
 */
public final class GuestTraffic {
  private final long begun = System.nanoTime();
  private final Flows flows = new Flows();
  private final RoundTripTimes roundTrips = new RoundTripTimes();
  private final Counter segments = new Counter();
  private final Counter bytes = new Counter();
  private final Counter retransmissions = new Counter();

  /**
   * The guest has sent a frame; its own worker.
   *
   * @param segmentSize payload of one segment, if the frame stands for several; else 0
   */
  void sent(TcpHeader header, int segmentSize, long time) {
    int length = header.sequenceLength();
    if (length == 0 || header.isReset()) {
      return;
    }
    int before = flows.sent(header.ofSender(), header.sequence(), length, header.isSyn(), time);
    int payload = Math.max(1, header.payload());
    segments.add(count(payload, segmentSize));
    retransmissions.add(count(Math.min(before, payload), segmentSize));
    bytes.add(header.payload());
  }

  /** How many segments so much payload takes; a SYN or FIN goes along with the last. */
  private static int count(int payload, int segmentSize) {
    return segmentSize == 0 ? Math.min(payload, 1) : Math.ceilDiv(payload, segmentSize);
  }

  /** The guest was given a frame; any worker. */
  void received(TcpHeader header) {
    if (header.acknowledges()) {
      long time = flows.acknowledged(header.ofReceiver(), header.acknowledgment());
      if (time != Flows.NONE) {
        roundTrips.add(System.nanoTime() - time);
      }
    }
  }

  /** When it began, as {@link System#nanoTime} tells it. */
  public long begun() {
    return begun;
  }

  /** Segments with payload, SYN or FIN that the guest sent. */
  public long segments() {
    return segments.value();
  }

  /** Their payload. */
  public long bytes() {
    return bytes.value();
  }

  /** Segments of those that it had sent before. */
  public long retransmissions() {
    return retransmissions.value();
  }

  /** Tells durations of round trips in nanoseconds and how many there were of each. */
  public void forEachRoundTrip(BiConsumer<Long, Long> visitor) {
    roundTrips.forEach(visitor);
  }
}
