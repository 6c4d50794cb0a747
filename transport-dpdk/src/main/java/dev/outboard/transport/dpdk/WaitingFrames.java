package dev.outboard.transport.dpdk;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Packets;
import java.lang.foreign.MemorySegment;

/**
 * The first frames to peers whose Ethernet address is not known yet: copies, in packets of their
 * own, few and not for long. Those behind them to the same peer wait as well, so a flow keeps its
 * order. Its worker's; hot only while some wait.
 */
final class WaitingFrames {
  private static final int MOST = 64;
  private static final long LONGEST_NANOS = 1_000_000_000L;
  private static final long PAUSE_NANOS = 1_000_000L;

  private final PacketRing ring;
  private final Counter dropped;

  /** In the order in which they came. */
  private final long[] packets = new long[MOST];

  private final int[] lengths = new int[MOST];
  private final int[] hops = new int[MOST];
  private final int[] hashes = new int[MOST];
  private final long[] since = new long[MOST];
  private int count;
  private long nextTry;

  /**
   * Room for some frames.
   *
   * @param dropped counts those that have waited in vain, or found no room
   */
  WaitingFrames(int bytes, int socket, Counter dropped) throws DpdkException {
    ring = new PacketRing(MOST, bytes, socket);
    this.dropped = dropped;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether frames to a next hop have to wait, as others do already. */
  boolean hasAnyTo(int hop) {
    for (int i = 0; i < count; i++) {
      if (hops[i] == hop) {
        return true;
      }
    }
    return false;
  }

  /** Keeps a copy of a frame, or drops it. */
  void add(FrameBurst burst, int frame, MemorySegment memory, long at, int bytes) {
    long packet = count < MOST ? ring.take() : 0;
    if (packet == 0) {
      dropped.add(1);
      return;
    }
    Packets.place(packet, Packets.HEADROOM);
    MemorySegment.copy(memory, at, memory, Packets.data(packet), bytes);
    packets[count] = packet;
    lengths[count] = bytes;
    hops[count] = burst.nextHop(frame);
    hashes[count] = burst.flowHash(frame);
    since[count] = System.nanoTime();
    count++;
  }

  /** Something was learned: what waits may go. */
  void retrySoon() {
    nextTry = System.nanoTime();
  }

  /** Sends what can be sent now, and drops what has waited too long. */
  void serve(Wire wire, Sender sender) {
    long now = System.nanoTime();
    if (now - nextTry < 0) {
      return;
    }
    nextTry = now + PAUSE_NANOS;
    int kept = 0;
    for (int i = 0; i < count; i++) {
      long packet = packets[i];
      int length = wire.wrap(sender.memory(), Packets.data(packet), lengths[i], hops[i], hashes[i]);
      boolean late = now - since[i] > LONGEST_NANOS;
      if (length == Wire.UNRESOLVED && !late) {
        move(i, kept++);
      } else if (length < 0) {
        dropped.add(1);
        Packets.setReferences(packet, 1);
      } else {
        Packets.place(packet, Packets.HEADROOM - (length - lengths[i]));
        sender.sendOwn(packet, length);
      }
    }
    count = kept;
  }

  private void move(int from, int to) {
    packets[to] = packets[from];
    lengths[to] = lengths[from];
    hops[to] = hops[from];
    hashes[to] = hashes[from];
    since[to] = since[from];
  }

  /** Drops them all. The worker, at last. */
  void stop() {
    dropped.add(count);
    while (count > 0) {
      Packets.setReferences(packets[--count], 1);
    }
  }

  void close() {
    ring.close();
  }
}
