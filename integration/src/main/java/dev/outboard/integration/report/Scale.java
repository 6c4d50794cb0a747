package dev.outboard.integration.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Where a value is on an axis of so many pixels, and which round values are marked there.
 * Immutable.
 *
 * @param low the least value of the axis, which need not be a marked one
 * @param start the pixel of {@code low}; beyond {@code end} on axes that grow upwards
 */
record Scale(boolean log, double low, double high, double start, double end) {
  private static final int WANTED = 6;
  private static final double[] STEPS = {1, 2, 5, 10};
  private static final double DECADES_WITH_HALVES = 2.5;
  private static final int DECADES = 7;
  private static final double TINY = 1e-9;
  private static final double MARGIN = 0.04;
  private static final double TERA = 1e12;
  private static final double GIGA = 1e9;
  private static final double MEGA = 1e6;
  private static final double KILO = 1e3;
  private static final double MANY = 1e4;

  /** One that has room for all of these values; a linear one starts at 0 if none is below. */
  static Scale over(boolean log, double[] values, double start, double end) {
    double[] usable =
        DoubleStream.of(values).filter(v -> Double.isFinite(v) && (!log || v > 0)).toArray();
    double low = DoubleStream.of(usable).min().orElse(1);
    double high = DoubleStream.of(usable).max().orElse(2);
    if (log) {
      if (high / low < 2) {
        low /= 1.5;
        high *= 1.5;
      }
      double room = Math.pow(high / low, MARGIN);
      return new Scale(true, low / room, high * room, start, end);
    }
    low = Math.min(0, low);
    high = Math.max(0, high);
    high = high == low ? low + 1 : high;
    double room = (high - low) * MARGIN;
    return new Scale(false, low < 0 ? low - room : 0, high > 0 ? high + room : 0, start, end);
  }

  boolean shows(double value) {
    return Double.isFinite(value) && (!log || value > 0);
  }

  /** The pixel of a value. */
  double at(double value) {
    double share =
        log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return start + share * (end - start);
  }

  /** The pixel of a bound, which stops at the axis' ends. */
  double clamped(double value) {
    return at(Math.clamp(value, low, high));
  }

  /** Round values within the axis, few enough to be read. */
  List<Double> ticks() {
    return log ? logTicks() : linearTicks();
  }

  private List<Double> linearTicks() {
    double rough = (high - low) / WANTED;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : STEPS) {
      step = factor * power;
      if (step >= rough * (1 - TINY)) {
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - TINY); i * step <= high * (1 + TINY); i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private List<Double> logTicks() {
    double decades = Math.log10(high / low);
    double[] within = decades < DECADES_WITH_HALVES ? new double[] {1, 2, 5} : new double[] {1};
    int every = (int) Math.max(1, Math.ceil(decades / DECADES));
    List<Double> ticks = new ArrayList<>();
    int last = (int) Math.ceil(Math.log10(high));
    for (int power = (int) Math.floor(Math.log10(low)); power <= last; power++) {
      for (double factor : within) {
        double value = factor * Math.pow(10, power);
        boolean inside = value >= low * (1 - TINY) && value <= high * (1 + TINY);
        if (inside && Math.floorMod(power, every) == 0) {
          ticks.add(value);
        }
      }
    }
    return ticks;
  }

  /** A value as people write it: few digits, thousands and millions by letter. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "unknown";
    }
    double size = Math.abs(value);
    if (size >= TERA) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    if (size >= GIGA) {
      return digits(value / GIGA) + " G";
    }
    if (size >= MEGA) {
      return digits(value / MEGA) + " M";
    }
    return size >= MANY ? digits(value / KILO) + " k" : digits(value);
  }

  private static String digits(double value) {
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    int decimals = (int) Math.clamp(2 - Math.floor(Math.log10(size)), 0, 9);
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
