package dev.outboard.testkit.loopback;

import dev.outboard.spi.Counter;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a port does with frames that it is to send. Its worker's.
 *
 * <p>Theory of operation. Without holding, a frame is copied to where it goes at once. With it, a
 * frame that may be held is only written down: its first fragment is copied, since that is valid
 * during the call only, and for the others it is noted where they lie. It is copied when its token
 * is asked for, and then the token goes back. Until all of them have gone back no more frames are
 * taken, so none overtakes another. What finds no room is dropped after a while, for nobody waits
 * for held frames much longer than a second.
 */
final class Sending implements AutoCloseable {
  private static final int FRAMES = 64;
  private static final int LONGEST_FIRST = 256;
  private static final long LONGEST_HOLD_NANOS = 100_000_000;

  /** Where frames go. */
  interface Way {
    /** Sends or drops a frame; false if there is no room for it now. */
    boolean send(FrameBurst burst, int i);
  }

  private final boolean holds;
  private final Way way;
  private final Counter dropped;
  private final RegionTable regions;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment firsts = arena.allocate((long) FRAMES * LONGEST_FIRST);
  private final int firstsRegion;
  private final FrameBurst held;
  private int sent;
  private int returned;
  private long since;

  /**
   * The sending half of a port.
   *
   * @param dropped counts frames that were held and found no room
   */
  Sending(boolean holds, RegionTable regions, int mostFragments, Counter dropped, Way way) {
    this.holds = holds;
    this.way = way;
    this.dropped = dropped;
    this.regions = regions;
    firstsRegion = regions.add(firsts);
    held = new FrameBurst(regions, FRAMES, FRAMES * mostFragments);
  }

  int transmit(FrameBurst frames, int from, int count) {
    if (held.count() > 0) {
      return 0;
    }
    held.clear();
    for (int i = from; i < from + count; i++) {
      if (canHold(frames, i)) {
        hold(frames, i);
      } else if (held.count() > 0 || !way.send(frames, i)) {
        return i - from;
      }
    }
    return count;
  }

  private boolean canHold(FrameBurst frames, int i) {
    int first = frames.firstFragment(i);
    int fragments = frames.firstFragment(i + 1) - first;
    return holds
        && frames.token(i) != FrameBurst.NO_TOKEN
        && fragments > 1
        && frames.fragmentLength(first) <= LONGEST_FIRST
        && held.count() < FRAMES
        && held.fragmentRoom() >= fragments;
  }

  private void hold(FrameBurst frames, int i) {
    int slot = held.count();
    if (slot == 0) {
      since = System.nanoTime();
    }
    int first = frames.firstFragment(i);
    long at = (long) slot * LONGEST_FIRST;
    int length = frames.fragmentLength(first);
    MemorySegment.copy(frames.segment(first), frames.offset(first), firsts, at, length);
    held.addFragment(firstsRegion, at, length);
    for (int f = first + 1; f < frames.firstFragment(i + 1); f++) {
      held.addFragment(frames.region(f), frames.offset(f), frames.fragmentLength(f));
    }
    held.endFrame(frames.network(i), frames.length(i), frames.offload(i), frames.checksumOffset(i));
    held.setRoute(slot, frames.nextHop(i), frames.flowHash(i));
    held.setToken(slot, frames.token(i));
    frames.hold(i);
  }

  int reclaim(long[] tokens, int limit) {
    while (sent < held.count() && (way.send(held, sent) || isTooLate())) {
      sent++;
    }
    int count = Math.min(limit, sent - returned);
    for (int i = 0; i < count; i++) {
      tokens[i] = held.token(returned + i);
    }
    returned += count;
    if (returned == held.count()) {
      forget();
    }
    return count;
  }

  private boolean isTooLate() {
    boolean late = System.nanoTime() - since > LONGEST_HOLD_NANOS;
    dropped.add(late ? 1 : 0);
    return late;
  }

  private void forget() {
    held.clear();
    sent = 0;
    returned = 0;
  }

  /** Nothing that is held is read any more. */
  void stop() {
    dropped.add(held.count() - sent);
    forget();
  }

  @Override
  public void close() {
    regions.remove(firstsRegion);
    arena.close();
  }
}
