package dev.outboard.integration.report;

import dev.outboard.integration.report.Plot.Point;
import dev.outboard.integration.report.Plot.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** Draws a {@link Plot}, its legend, and the same as a table. */
final class Curves {
  private static final int HEIGHT = 400;

  /** Curves with more points than this are drawn without a mark for each. */
  private static final int MARKS = 40;

  private static final double CAP = 4;

  private Curves() {}

  static String svg(Plot plot) {
    Scale x =
        Scale.over(
            plot.x().log(),
            points(plot).stream().mapToDouble(Point::x).toArray(),
            Drawing.LEFT,
            Drawing.WIDTH - Drawing.RIGHT);
    Scale y =
        Scale.over(
            plot.y().log(),
            points(plot).stream()
                .flatMapToDouble(p -> DoubleStream.of(p.y(), p.low(), p.high()))
                .toArray(),
            HEIGHT - Drawing.BOTTOM,
            Drawing.TOP);
    String names = plot.series().stream().map(Series::name).collect(Collectors.joining(", "));
    Drawing drawing =
        new Drawing(
            plot.title(),
            plot.y().label() + " against " + plot.x().label() + ": " + names,
            HEIGHT,
            Drawing.LEFT);
    drawing.horizontal(x, plot.x().label());
    drawing.vertical(y, plot.y().label());
    for (int i = 0; i < plot.series().size(); i++) {
      draw(drawing, x, y, plot.series().get(i), style(plot, i), i);
    }
    return drawing.finish();
  }

  private static List<Point> points(Plot plot) {
    return plot.series().stream().flatMap(series -> series.points().stream()).toList();
  }

  private static String style(Plot plot, int index) {
    return plot.series().get(index).baseline() ? "base" : "s" + index % Drawing.STYLES;
  }

  private static void draw(
      Drawing drawing, Scale x, Scale y, Series series, String style, int shape) {
    List<Point> shown =
        series.points().stream().filter(p -> x.shows(p.x()) && y.shows(p.y())).toList();
    for (Point point : shown) {
      if (Double.isFinite(point.low()) && Double.isFinite(point.high())) {
        double at = x.at(point.x());
        double low = y.clamped(point.low());
        double high = y.clamped(point.high());
        drawing.line("bound " + style, at, low, at, high);
        drawing.line("bound " + style, at - CAP, low, at + CAP, low);
        drawing.line("bound " + style, at - CAP, high, at + CAP, high);
      }
    }
    List<String> corners = new ArrayList<>();
    shown.forEach(point -> corners.add(Drawing.corner(x.at(point.x()), y.at(point.y()))));
    drawing.curve(style, corners);
    if (shown.size() <= MARKS) {
      for (Point point : shown) {
        drawing.mark(shape, style, x.at(point.x()), y.at(point.y()), hover(series, point));
      }
    }
  }

  private static String hover(Series series, Point point) {
    String at = series.name() + " at " + Scale.number(point.x()) + ": " + Scale.number(point.y());
    return at + bounds(point);
  }

  private static String bounds(Point point) {
    return Double.isFinite(point.low()) && Double.isFinite(point.high())
        ? " [" + Scale.number(point.low()) + ", " + Scale.number(point.high()) + "]"
        : "";
  }

  static String legend(Plot plot) {
    StringBuilder html = new StringBuilder("<ul class=\"legend\">\n");
    for (int i = 0; i < plot.series().size(); i++) {
      Series series = plot.series().get(i);
      html.append(
          Html.format(
              "<li><svg viewBox=\"-16 -8 32 16\" width=\"32\" height=\"16\" aria-hidden=\"true\">"
                  + "<polyline class=\"curve %1$s\" points=\"-15,0 15,0\"/>"
                  + "<g class=\"swatch %1$s\">%2$s</g></svg>%3$s%4$s</li>\n",
              style(plot, i),
              Drawing.shape(i),
              Html.text(series.name()),
              series.baseline() ? " <small>(baseline)</small>" : ""));
    }
    return html.append("</ul>\n").toString();
  }

  /** The same for who can't see the curves, or wants the figures. */
  static Section.Table table(Plot plot) {
    List<List<String>> rows = new ArrayList<>();
    for (Series series : plot.series()) {
      for (Point point : series.points()) {
        rows.add(
            List.of(
                series.name(), Scale.number(point.x()), Scale.number(point.y()) + bounds(point)));
      }
    }
    return new Section.Table(
        plot.title(), List.of("Curve", plot.x().label(), plot.y().label()), rows, "");
  }
}
