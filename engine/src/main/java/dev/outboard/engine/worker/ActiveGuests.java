package dev.outboard.engine.worker;

import java.util.Arrays;

/** The guests that a worker polls in each loop, in no particular order. The worker's thread. */
final class ActiveGuests {
  private GuestShare[] shares = new GuestShare[64];
  private int count;

  int count() {
    return count;
  }

  GuestShare at(int place) {
    return shares[place];
  }

  /** Polls a guest from now on, without kicks; nothing happens if it is polled already. */
  void wake(GuestShare share) {
    if (share.activeAt >= 0) {
      return;
    }
    add(share);
    for (TransmitSide side : share.transmits) {
      side.queue.ring().disarmKick();
    }
  }

  /** Polls a guest whose rings must not be touched now. */
  void add(GuestShare share) {
    if (count == shares.length) {
      shares = Arrays.copyOf(shares, count * 2);
    }
    share.activeAt = count;
    shares[count++] = share;
    share.quietSince = 0;
    share.deficit = 0;
  }

  /** Lets a guest sleep until it kicks; false if it has something to send after all. */
  boolean rest(GuestShare share, long now) {
    boolean more = false;
    for (TransmitSide side : share.transmits) {
      more |= side.queue.ring().armKick();
    }
    if (more) {
      for (TransmitSide side : share.transmits) {
        side.queue.ring().disarmKick();
      }
      share.quietSince = 0;
      return false;
    }
    remove(share);
    share.leftAt = now;
    return true;
  }

  /** Polls a guest no more, if it was polled. */
  void remove(GuestShare share) {
    int place = share.activeAt;
    if (place < 0) {
      return;
    }
    GuestShare last = shares[--count];
    shares[place] = last;
    last.activeAt = place;
    shares[count] = null;
    share.activeAt = -1;
  }

  /** Forgets all, whatever state the list is in. */
  void clear() {
    Arrays.fill(shares, null);
    count = 0;
  }
}
