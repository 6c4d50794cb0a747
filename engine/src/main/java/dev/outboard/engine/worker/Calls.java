package dev.outboard.engine.worker;

import dev.outboard.spi.Counter;
import java.util.Arrays;

/** The doorbells to ring at the end of a worker's loop, each once. The worker's thread. */
final class Calls {
  private final Counter rung;
  private GuestDevice[] guests = new GuestDevice[64];
  private CallLine[] lines = new CallLine[64];
  private int count;

  Calls(Counter rung) {
    this.rung = rung;
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

  void ringAll() {
    if (count == 0) {
      return;
    }
    rung.add(count);
    // A failure in between finds each line either rung or still here.
    while (count > 0) {
      int i = count - 1;
      if (!lines[i].ring()) {
        guests[i].events.broken("the call fd can't be written without waiting");
      }
      lines[i] = null;
      guests[i] = null;
      count = i;
    }
  }
}
