package dev.outboard.bench.pool;

import dev.outboard.transport.kerneltcp.pool.Sizing;

/** What most pools do: who was not used for so long is closed. Last in, first out. */
final class FixedTtl implements Sizing {
  private final long ttl;
  private final long[] left;
  private int size;

  FixedTtl(double seconds, int max) {
    ttl = (long) (seconds * 1e9);
    left = new long[max];
  }

  @Override
  public void rose(long now, boolean hit) {
    size = Math.max(0, size - 1);
  }

  @Override
  public void fell(long now) {
    left[size++] = now;
  }

  @Override
  public int idleWanted(long now) {
    return size - first(now);
  }

  private int first(long now) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (left[middle] > now - ttl) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public long nextChange(long now) {
    int first = first(now);
    return first == size ? Long.MAX_VALUE : left[first] + ttl;
  }
}
