package dev.outboard.bench.pool;

import java.util.Arrays;

/** When connections are asked for and for how long. Nanoseconds from the beginning; by arrival. */
final class Trace {
  private static final double SECOND = 1e9;

  private final String name;
  private final String about;
  private final long[] arrivals;
  private final long[] durations;
  private final long length;

  private Trace(String name, String about, long[] arrivals, long[] durations, long length) {
    this.name = name;
    this.about = about;
    this.arrivals = arrivals;
    this.durations = durations;
    this.length = length;
  }

  String name() {
    return name;
  }

  /** What it is, in a few words. */
  String about() {
    return about;
  }

  /** How many requests there are. */
  int size() {
    return arrivals.length;
  }

  long arrival(int request) {
    return arrivals[request];
  }

  long duration(int request) {
    return durations[request];
  }

  /** When it ends. */
  long length() {
    return length;
  }

  double seconds() {
    return length / SECOND;
  }

  /** Collects requests in any order. */
  static final class Builder {
    private long[] arrivals = new long[1024];
    private long[] durations = new long[1024];
    private int size;

    /** Requests before the beginning or after the end are left out. */
    void add(double atSeconds, double forSeconds, double endSeconds) {
      if (atSeconds < 0 || atSeconds >= endSeconds) {
        return;
      }
      if (size == arrivals.length) {
        arrivals = Arrays.copyOf(arrivals, 2 * size);
        durations = Arrays.copyOf(durations, 2 * size);
      }
      arrivals[size] = (long) (atSeconds * SECOND);
      durations[size++] = Math.max(1, (long) (forSeconds * SECOND));
    }

    Trace build(String name, String about, double seconds) {
      Integer[] order = new Integer[size];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (a, b) -> Long.compare(arrivals[a], arrivals[b]));
      long[] sortedArrivals = new long[size];
      long[] sortedDurations = new long[size];
      for (int i = 0; i < size; i++) {
        sortedArrivals[i] = arrivals[order[i]];
        sortedDurations[i] = durations[order[i]];
      }
      return new Trace(name, about, sortedArrivals, sortedDurations, (long) (seconds * SECOND));
    }
  }
}
