package dev.outboard.engine.forwarding;

import dev.outboard.spi.Counter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was sent and received by one queue pair of a guest, or by one worker's share of an uplink.
 * What was sent, and became of that, is counted by whoever serves the transmit queue; what was
 * received, by the holder of the receive queue's lock: nothing has two writers at a time. Any
 * thread may read.
 */
@SuppressWarnings("EnumOrdinal") // an array by reason, private to this class
public final class GuestCounters {
  private static final int SENT_FRAMES = 0;
  private static final int SENT_BYTES = 1;
  private static final int RECEIVED_FRAMES = 2;
  private static final int RECEIVED_BYTES = 3;
  private static final int ANSWERED = 4;
  private static final int FLOODED = 5;
  private static final int FLOOD_COPIES = 6;
  private static final int FLOOD_LOST = 7;
  private static final int SEGMENTED = 8;
  private static final int SEGMENTS = 9;
  private static final int DROPS = 10;
  private static final DropReason[] REASONS = DropReason.values();

  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] values = new long[DROPS + REASONS.length];
  private final Map<String, Counter> uplinkDrops = new ConcurrentHashMap<>();

  /** All of them together, as they are now. Any thread. */
  public static GuestCounters sum(GuestCounters... parts) {
    GuestCounters sum = new GuestCounters();
    for (GuestCounters part : parts) {
      for (int i = 0; i < sum.values.length; i++) {
        sum.add(i, part.get(i));
      }
      part.uplinkDrops.forEach((reason, counter) -> sum.uplinkDrop(reason).add(counter.value()));
    }
    return sum;
  }

  private void add(int index, long amount) {
    ELEMENT.setOpaque(values, index, values[index] + amount);
  }

  private long get(int index) {
    return (long) ELEMENT.getOpaque(values, index);
  }

  /** Frames taken from the guest's transmit queue, whatever becomes of them. */
  public void sent(long frames, long bytes) {
    add(SENT_FRAMES, frames);
    add(SENT_BYTES, bytes);
  }

  /** Frames put into the guest's receive queue. */
  public void received(long frames, long bytes) {
    add(RECEIVED_FRAMES, frames);
    add(RECEIVED_BYTES, bytes);
  }

  /** A neighbour request that the sidecar has answered in its target's place. */
  public void answered() {
    add(ANSWERED, 1);
  }

  /**
   * A broadcast or multicast frame.
   *
   * @param copies how many guests got it
   * @param lost how many could not take it
   */
  public void flooded(long copies, long lost) {
    add(FLOODED, 1);
    add(FLOOD_COPIES, copies);
    add(FLOOD_LOST, lost);
  }

  /** A super-frame of which all segments were given to a receiver that does not take it whole. */
  public void segmented() {
    add(SEGMENTED, 1);
  }

  /** Segments given to a receiver. */
  public void segments(long count) {
    add(SEGMENTS, count);
  }

  /** Frames given to nobody. */
  public void drop(DropReason reason, long frames) {
    add(DROPS + reason.ordinal(), frames);
  }

  /** The counter of an uplink's own drops; the worker that has the port adds to it. */
  public Counter uplinkDrop(String reason) {
    return uplinkDrops.computeIfAbsent(reason, r -> new Counter());
  }

  /** Frames taken from the guest. */
  public long sentFrames() {
    return get(SENT_FRAMES);
  }

  /** Their bytes, from the Ethernet header on. */
  public long sentBytes() {
    return get(SENT_BYTES);
  }

  /** Frames given to the guest. */
  public long receivedFrames() {
    return get(RECEIVED_FRAMES);
  }

  /** Their bytes, from the Ethernet header on. */
  public long receivedBytes() {
    return get(RECEIVED_BYTES);
  }

  /** Neighbour requests answered in the target's place. */
  public long answeredFrames() {
    return get(ANSWERED);
  }

  /** Frames replicated to a group. */
  public long floodedFrames() {
    return get(FLOODED);
  }

  /** Copies that were made of {@link #floodedFrames}. */
  public long floodCopies() {
    return get(FLOOD_COPIES);
  }

  /** Copies that a member of the group had no room for. */
  public long floodLost() {
    return get(FLOOD_LOST);
  }

  /** Super-frames cut for a receiver, once for each. */
  public long segmentedFrames() {
    return get(SEGMENTED);
  }

  /** Segments that receivers got, those of super-frames that were dropped midway too. */
  public long segments() {
    return get(SEGMENTS);
  }

  /** Frames given to nobody, by reason; reasons that never occurred are left out. */
  public Map<String, Long> drops() {
    Map<String, Long> drops = new LinkedHashMap<>();
    for (DropReason reason : REASONS) {
      long count = get(DROPS + reason.ordinal());
      if (count != 0) {
        drops.put(reason.label(), count);
      }
    }
    uplinkDrops.forEach(
        (reason, counter) -> {
          if (counter.value() != 0) {
            drops.merge(reason, counter.value(), Long::sum);
          }
        });
    return drops;
  }
}
