package dev.outboard.testkit;

import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.RegionTable;

/** How many regions a table has. */
final class Regions {
  private Regions() {}

  static int count(RegionTable table) {
    FrameBurst burst = new FrameBurst(table, 1, 1);
    burst.clear();
    burst.addFragment(0, 0, 0);
    int count = 0;
    // A table grows by doubling; what is beyond its end throws.
    for (int id = 0; ; id++) {
      burst.clear();
      burst.addFragment(id, 0, 0);
      try {
        count += burst.segment(0) == null ? 0 : 1;
      } catch (ArrayIndexOutOfBoundsException e) {
        return count;
      }
    }
  }
}
