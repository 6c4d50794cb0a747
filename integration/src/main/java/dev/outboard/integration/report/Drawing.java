package dev.outboard.integration.report;

import java.util.List;

/**
 * What all drawings share: a frame with axes, and marks. Makes SVG; the page's style has colours.
 */
final class Drawing {
  static final int WIDTH = 720;
  static final int LEFT = 78;
  static final int RIGHT = 16;
  static final int BOTTOM = 52;
  static final int TOP = 14;

  /** Marks and colours differ until here, then repeat. */
  static final int STYLES = 8;

  private final StringBuilder svg = new StringBuilder();
  private final int height;
  private final int left;

  Drawing(String title, String description, int height, int left) {
    this.height = height;
    this.left = left;
    svg.append(
        Html.format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"><desc>%s</desc>\n",
            WIDTH, height, Html.text(title), Html.text(description)));
  }

  void horizontal(Scale scale, String label) {
    for (double tick : scale.ticks()) {
      double x = scale.at(tick);
      line("grid", x, TOP, x, height - BOTTOM);
      text("tick", x, height - BOTTOM + 18, "middle", Scale.number(tick));
    }
    line("axis", left, height - BOTTOM, WIDTH - RIGHT, height - BOTTOM);
    String log = scale.log() ? " (log scale)" : "";
    text("label", (left + WIDTH - RIGHT) / 2.0, height - 10, "middle", label + log);
  }

  void vertical(Scale scale, String label) {
    for (double tick : scale.ticks()) {
      double y = scale.at(tick);
      line("grid", left, y, WIDTH - RIGHT, y);
      text("tick", left - 8, y + 4, "end", Scale.number(tick));
    }
    line("axis", left, TOP, left, height - BOTTOM);
    String log = scale.log() ? " (log scale)" : "";
    double middle = (TOP + height - BOTTOM) / 2.0;
    svg.append(
        Html.format(
            "<text class=\"label\" transform=\"translate(16 %.1f) rotate(-90)\""
                + " text-anchor=\"middle\">%s</text>\n",
            middle, Html.text(label + log)));
  }

  void line(String style, double x1, double y1, double x2, double y2) {
    svg.append(
        Html.format(
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
            style, x1, y1, x2, y2));
  }

  void text(String style, double x, double y, String anchor, String text) {
    svg.append(
        Html.format(
            "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            style, x, y, anchor, Html.text(text)));
  }

  /** A curve; corners are "x,y". */
  void curve(String style, List<String> corners) {
    svg.append(
        Html.format(
            "<polyline class=\"curve %s\" points=\"%s\"/>\n", style, String.join(" ", corners)));
  }

  static String corner(double x, double y) {
    return Html.format("%.1f,%.1f", x, y);
  }

  /** A point that says what it is when one points at it. */
  void mark(int shape, String style, double x, double y, String hover) {
    svg.append(
        Html.format(
            "<g class=\"point %s\" transform=\"translate(%.1f %.1f)\"><title>%s</title>%s</g>\n",
            style, x, y, Html.text(hover), shape(shape)));
  }

  /** Shapes differ, so that colours need not be told apart. */
  static String shape(int number) {
    String path =
        switch (Math.floorMod(number, STYLES)) {
          case 0 -> "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z";
          case 1 -> "M-4,-4h8v8h-8z";
          case 2 -> "M0,-5L5,4H-5z";
          case 3 -> "M0,-5.5L5.5,0L0,5.5L-5.5,0z";
          case 4 -> "M0,5L5,-4H-5z";
          case 5 -> "M-5,-1.5h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z";
          case 6 -> "M-5,-2.5h10v5h-10z";
          default -> "M-2.5,-5h5v10h-5z";
        };
    return "<path d=\"" + path + "\"/>";
  }

  String finish() {
    return svg.append("</svg>\n").toString();
  }
}
