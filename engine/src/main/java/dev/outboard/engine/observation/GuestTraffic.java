package dev.outboard.engine.observation;

import dev.outboard.packet.TcpHeader;
import dev.outboard.spi.Counter;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What is seen of one guest's TCP while it is observed: made by the control thread, told by {@link
 * Observer}s, read by any thread. Its size is fixed, whatever the guest or its peers send.
 *
 * <p>Each queue pair has its own account of what left by it, because only one worker serves it. A
 * driver sends all of a connection by one queue.
 */
public final class GuestTraffic {
  private final long begun = System.nanoTime();
  private final Sent[] sent;
  private final RoundTripTimes roundTrips = new RoundTripTimes();

  /** What left by one queue pair. */
  private static final class Sent {
    final Flows flows = new Flows();
    final Counter segments = new Counter();
    final Counter bytes = new Counter();
    final Counter retransmissions = new Counter();
  }

  /** Nothing was seen yet of a guest with so many queue pairs. */
  public GuestTraffic(int queuePairs) {
    sent = new Sent[queuePairs];
    Arrays.setAll(sent, pair -> new Sent());
  }

  /**
   * The guest has sent a frame; the worker that serves the queue.
   *
   * @param pair the queue pair that it left by
   * @param segmentSize payload of one segment, if the frame stands for several; else 0
   */
  void sent(int pair, TcpHeader header, int segmentSize, long time) {
    int length = header.sequenceLength();
    if (length == 0 || header.isReset()) {
      return;
    }
    Sent by = sent[pair];
    int before = by.flows.sent(header.ofSender(), header.sequence(), length, header.isSyn(), time);
    int payload = Math.max(1, header.payload());
    by.segments.add(count(payload, segmentSize));
    by.retransmissions.add(count(Math.min(before, payload), segmentSize));
    by.bytes.add(header.payload());
  }

  /** How many segments so much payload takes; a SYN or FIN goes along with the last. */
  private static int count(int payload, int segmentSize) {
    return segmentSize == 0 ? Math.min(payload, 1) : Math.ceilDiv(payload, segmentSize);
  }

  /** The guest was given a frame; any worker. */
  void received(TcpHeader header) {
    if (header.acknowledges()) {
      for (Sent by : sent) {
        long time = by.flows.acknowledged(header.ofReceiver(), header.acknowledgment());
        if (time != Flows.NONE) {
          roundTrips.add(System.nanoTime() - time);
        }
      }
    }
  }

  /** When it began, as {@link System#nanoTime} tells it. */
  public long begun() {
    return begun;
  }

  /** Segments with payload, SYN or FIN that the guest sent. */
  public long segments() {
    return sum(by -> by.segments);
  }

  /** Their payload. */
  public long bytes() {
    return sum(by -> by.bytes);
  }

  /** Segments of those that it had sent before. */
  public long retransmissions() {
    return sum(by -> by.retransmissions);
  }

  private long sum(Function<Sent, Counter> counter) {
    return Arrays.stream(sent).map(counter).mapToLong(Counter::value).sum();
  }

  /** Tells durations of round trips in nanoseconds and how many there were of each. */
  public void forEachRoundTrip(BiConsumer<Long, Long> visitor) {
    roundTrips.forEach(visitor);
  }
}
