package dev.outboard.engine.worker;

import java.util.Arrays;

/** The guests that a worker polls in each loop, in no particular order. The worker's thread. */
final class ActiveGuests {
  private GuestDevice[] guests = new GuestDevice[64];
  private int count;

  int count() {
    return count;
  }

  GuestDevice at(int place) {
    return guests[place];
  }

  /** Polls a guest from now on, without kicks; nothing happens if it is polled already. */
  void wake(GuestDevice guest) {
    if (guest.activeAt >= 0) {
      return;
    }
    add(guest);
    for (TransmitSide side : guest.transmits) {
      side.queue.ring().disarmKick();
    }
  }

  /** Polls a guest whose rings must not be touched now. */
  void add(GuestDevice guest) {
    if (count == guests.length) {
      guests = Arrays.copyOf(guests, count * 2);
    }
    guest.activeAt = count;
    guests[count++] = guest;
    guest.quietSince = 0;
    guest.deficit = 0;
  }

  /** Lets a guest sleep until it kicks; false if it has something to send after all. */
  boolean rest(GuestDevice guest, long now) {
    boolean more = false;
    for (TransmitSide side : guest.transmits) {
      more |= side.queue.ring().armKick();
    }
    if (more) {
      for (TransmitSide side : guest.transmits) {
        side.queue.ring().disarmKick();
      }
      guest.quietSince = 0;
      return false;
    }
    remove(guest);
    guest.leftAt = now;
    return true;
  }

  /** Polls a guest no more, if it was polled. */
  void remove(GuestDevice guest) {
    int place = guest.activeAt;
    if (place < 0) {
      return;
    }
    GuestDevice last = guests[--count];
    guests[place] = last;
    last.activeAt = place;
    guests[count] = null;
    guest.activeAt = -1;
  }

  /** Forgets all, whatever state the list is in. */
  void clear() {
    Arrays.fill(guests, null);
    count = 0;
  }
}
