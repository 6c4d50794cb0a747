package dev.outboard.integration.report;

import dev.outboard.integration.report.Factors.Factor;
import java.util.List;
import java.util.stream.DoubleStream;

/** Draws {@link Factors}, and the same as a table. */
final class FactorRows {
  private static final int ROW = 26;
  private static final int LEFT = 300;
  private static final int LONGEST_NAME = 42;

  private FactorRows() {}

  static String svg(Factors factors) {
    List<Factor> rows = factors.factors();
    int height = Drawing.TOP + ROW * rows.size() + Drawing.BOTTOM;
    Scale x =
        Scale.over(
            true,
            DoubleStream.concat(
                    DoubleStream.of(1),
                    rows.stream()
                        .flatMapToDouble(f -> DoubleStream.of(f.median(), f.low(), f.high())))
                .toArray(),
            LEFT,
            Drawing.WIDTH - Drawing.RIGHT);
    Drawing drawing =
        new Drawing(
            factors.title(), factors.label() + ": medians and their intervals", height, LEFT);
    drawing.horizontal(x, factors.label());
    drawing.line("one", x.at(1), Drawing.TOP, x.at(1), height - Drawing.BOTTOM);
    for (int i = 0; i < rows.size(); i++) {
      draw(drawing, x, rows.get(i), Drawing.TOP + ROW * (i + 0.5));
    }
    return drawing.finish();
  }

  private static void draw(Drawing drawing, Scale x, Factor factor, double y) {
    drawing.text("tick", LEFT - 10, y + 4, "end", shortened(factor.name()));
    if (!x.shows(factor.median())) {
      return;
    }
    String style = Mark.of(factor.kind()).style();
    if (x.shows(factor.low()) && x.shows(factor.high())) {
      drawing.line("bound " + style, x.at(factor.low()), y, x.at(factor.high()), y);
      drawing.line("bound " + style, x.at(factor.low()), y - 4, x.at(factor.low()), y + 4);
      drawing.line("bound " + style, x.at(factor.high()), y - 4, x.at(factor.high()), y + 4);
    }
    drawing.mark(
        Mark.of(factor.kind()).shape(),
        style,
        x.at(factor.median()),
        y,
        factor.name() + ": " + figures(factor));
  }

  private static String shortened(String name) {
    return name.codePointCount(0, name.length()) <= LONGEST_NAME
        ? name
        : name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME - 1)) + "…";
  }

  private static String figures(Factor factor) {
    return Scale.number(factor.median())
        + " ["
        + Scale.number(factor.low())
        + ", "
        + Scale.number(factor.high())
        + "]";
  }

  static Section.Table table(Factors factors) {
    return new Section.Table(
        factors.title(),
        List.of("What", factors.label() + " [interval]", "For whom"),
        factors.factors().stream()
            .map(f -> List.of(f.name(), figures(f), Mark.of(f.kind()).word()))
            .toList(),
        "");
  }
}
