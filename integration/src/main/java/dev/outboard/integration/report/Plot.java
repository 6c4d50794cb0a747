package dev.outboard.integration.report;

import java.util.List;

/**
 * Curves over two axes. Immutable; any thread.
 *
 * @param statements what others say about the same, the paper for one; shown beside the curves
 */
public record Plot(String title, Axis x, Axis y, List<Series> series, List<String> statements)
    implements Section {
  /** Keeps copies of the lists. */
  public Plot {
    series = List.copyOf(series);
    statements = List.copyOf(statements);
  }

  /**
   * An axis; the range follows from the points.
   *
   * @param label what it shows, with the unit
   * @param log whether equal steps are equal factors; points at 0 and below are left out then
   */
  public record Axis(String label, boolean log) {}

  /**
   * A curve through points in the order given.
   *
   * @param baseline whether the others are to be compared with it; it is drawn dashed
   */
  public record Series(String name, List<Point> points, boolean baseline) {
    /** Keeps a copy of the list. */
    public Series {
      points = List.copyOf(points);
    }
  }

  /** A point; low and high bound its y, NaN where nothing is known of that. */
  public record Point(double x, double y, double low, double high) {
    /** A point without bounds. */
    public static Point of(double x, double y) {
      return new Point(x, y, Double.NaN, Double.NaN);
    }
  }
}
