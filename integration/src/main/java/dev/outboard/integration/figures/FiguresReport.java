package dev.outboard.integration.figures;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * All that a run of {@link Figures} has found. Immutable; written to the JSON as it is.
 *
 * @param values medians of all rounds, in the order of figures, arms and numbers of VMs
 * @param saturation where throughput ends; empty without figure 2
 * @param sizeSteps what one more frame costs; empty without figure 4
 * @param effects the paper's findings, as far as the figures for them were measured
 * @param points each measurement
 */
public record FiguresReport(
    FiguresSetUp setUp,
    List<FigureValue> values,
    List<Saturation> saturation,
    List<SizeStep> sizeSteps,
    List<Effect> effects,
    List<Point> points) {
  private static final long SEED = 20241120;

  /** Takes private copies. */
  public FiguresReport {
    values = List.copyOf(values);
    saturation = List.copyOf(saturation);
    sizeSteps = List.copyOf(sizeSteps);
    effects = List.copyOf(effects);
    points = List.copyOf(points);
  }

  /** What makes points comparable: they differ in nothing but the way and the round. */
  private record Task(int vms, String load) {
    static Task of(Point point) {
      return new Task(point.vms(), point.load());
    }
  }

  private record Place(int figure, String arm, String configuration, Task task) {
    static Place of(Point point) {
      return new Place(point.figure(), point.arm(), point.configuration(), Task.of(point));
    }
  }

  static FiguresReport of(FiguresSetUp setUp, List<Cell> order, List<Point> points) {
    Map<Place, List<Point>> places = new LinkedHashMap<>();
    for (Cell cell : order) {
      places.put(
          new Place(
              cell.load().figure(),
              cell.arm().label(),
              cell.configuration().label(),
              new Task(cell.vms(), cell.load().name())),
          new ArrayList<>());
    }
    Map<Task, Map<Integer, Point>> host = new HashMap<>();
    for (Point point : points) {
      places.get(Place.of(point)).add(point);
      if (point.configuration().equals(Configuration.HOST_HOST.label())) {
        host.computeIfAbsent(Task.of(point), _ -> new HashMap<>()).put(point.round(), point);
      }
    }
    // The same figures give the same intervals.
    RandomGenerator random = new Random(SEED);
    List<FigureValue> values = new ArrayList<>();
    places.forEach(
        (place, rounds) ->
            values.add(FigureValue.of(rounds, host.getOrDefault(place.task(), Map.of()), random)));
    List<Saturation> saturation = Saturation.of(values);
    List<SizeStep> steps = SizeStep.of(order, points, random);
    return new FiguresReport(
        setUp, values, saturation, steps, Effects.of(values, saturation, steps), points);
  }
}
