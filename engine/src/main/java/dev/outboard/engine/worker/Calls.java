package dev.outboard.engine.worker;

import dev.outboard.spi.Counter;
import dev.outboard.spi.Doorbells;
import java.util.Arrays;

/**
 * The doorbells to ring at the end of a worker's loop, each once; several eventfds with one system
 * call if the worker's notifier can. The worker's thread.
 */
final class Calls {
  /** So many eventfds, and they are rung together; fewer are cheaper one by one. */
  private static final int TOGETHER = 2;

  /** Null: all are rung one by one. */
  private final Doorbells doorbells;

  private final Counter rung = new Counter();
  private final Counter systemCalls = new Counter();
  private final Counter refused = new Counter();
  private GuestDevice[] guests = new GuestDevice[64];
  private CallLine[] lines = new CallLine[64];
  private int count;

  Calls(Doorbells doorbells) {
    this.doorbells = doorbells;
  }

  /** How many were to be rung. Any thread. */
  long rung() {
    return rung.value();
  }

  /** How many system calls that took. Any thread. */
  long systemCalls() {
    return systemCalls.value();
  }

  /** How many could not be rung without waiting; each ended its guest's session. Any thread. */
  long refused() {
    return refused.value();
  }

  void add(GuestDevice guest, CallLine line) {
    if (line == null) {
      return;
    }
    for (int i = count - 1; i >= 0 && i > count - 8; i--) {
      if (lines[i] == line) {
        return;
      }
    }
    if (count == lines.length) {
      guests = Arrays.copyOf(guests, count * 2);
      lines = Arrays.copyOf(lines, count * 2);
    }
    guests[count] = guest;
    lines[count++] = line;
  }

  /** Rings all. A failure in between finds each line either rung or still here. */
  void ringAll() {
    if (count == 0) {
      return;
    }
    rung.add(count);
    if (doorbells != null && count >= TOGETHER && eventFds() >= TOGETHER) {
      ringTogether();
    }
    systemCalls.add(count);
    while (count > 0) {
      int i = count - 1;
      if (!lines[i].ring()) {
        refuse(guests[i]);
      }
      lines[i] = null;
      guests[i] = null;
      count = i;
    }
  }

  private int eventFds() {
    int eventFds = 0;
    for (int i = 0; i < count; i++) {
      eventFds += lines[i].isEventFd() ? 1 : 0;
    }
    return eventFds;
  }

  /** Rings the eventfds and keeps the others. */
  private void ringTogether() {
    for (int next = 0; next < count; ) {
      boolean room = true;
      while (next < count && room) {
        CallLine line = lines[next];
        room = !line.isEventFd() || line.isGivenUp() || doorbells.add(line.fd(), next);
        next += room ? 1 : 0;
      }
      ringAdded();
    }
    int others = 0;
    for (int i = 0; i < count; i++) {
      CallLine line = lines[i];
      GuestDevice guest = guests[i];
      lines[i] = null;
      guests[i] = null;
      if (!line.isEventFd()) {
        lines[others] = line;
        guests[others++] = guest;
      } else if (line.isGivenUp()) {
        refuse(guest);
      }
    }
    count = others;
  }

  private void ringAdded() {
    BellWatch.Post post = BellWatch.post();
    post.entered(lines);
    int failed = doorbells.ring();
    post.left();
    systemCalls.add(1);
    for (int i = 0; i < failed; i++) {
      lines[doorbells.refused(i)].giveUp();
    }
  }

  private void refuse(GuestDevice guest) {
    refused.add(1);
    guest.events.broken("the call fd can't be written without waiting");
  }
}
