package dev.outboard.integration.figures;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * With how many microVMs a way carries no more, predicted as the paper does and observed.
 * Immutable; written to the JSON as it is.
 *
 * @param oneVmGbitPerS throughput of one pair
 * @param hostGbitPerS the most that host-host carries, with any number of pairs: what there is to
 *     be had
 * @param predictedVms so many times one VM would be that
 * @param mostGbitPerS the most that this way carries, with any number of pairs
 * @param observedVms the least number of pairs that carries 95 % of that
 * @param shareOfHost {@code mostGbitPerS} of {@code hostGbitPerS}
 * @param open whether that is the largest number measured, so that more could carry more
 */
public record Saturation(
    String arm,
    String configuration,
    double oneVmGbitPerS,
    double hostGbitPerS,
    int predictedVms,
    double mostGbitPerS,
    int observedVms,
    double shareOfHost,
    boolean open) {
  private static final double FULL = 0.95;

  /** Of the throughput of figure 2; ways that were not measured with one VM are left out. */
  static List<Saturation> of(List<FigureValue> values) {
    Map<String, List<FigureValue>> ways = new LinkedHashMap<>();
    double host = 0;
    for (FigureValue value : values) {
      if (value.gbitPerS() == null) {
        continue;
      }
      if (value.configuration().equals(Configuration.HOST_HOST.label())) {
        host = Math.max(host, value.gbitPerS());
      }
      ways.computeIfAbsent(value.arm() + " " + value.configuration(), _ -> new ArrayList<>())
          .add(value);
    }
    List<Saturation> saturations = new ArrayList<>();
    for (List<FigureValue> way : ways.values()) {
      way.sort(Comparator.comparingInt(FigureValue::vms));
      if (host > 0 && way.getFirst().vms() == 1 && way.getFirst().gbitPerS() > 0) {
        saturations.add(of(way, host));
      }
    }
    return saturations;
  }

  private static Saturation of(List<FigureValue> way, double host) {
    FigureValue one = way.getFirst();
    double most = way.stream().mapToDouble(FigureValue::gbitPerS).max().orElseThrow();
    int full =
        way.stream()
            .filter(value -> value.gbitPerS() >= FULL * most)
            .mapToInt(FigureValue::vms)
            .min()
            .orElseThrow();
    return new Saturation(
        one.arm(),
        one.configuration(),
        one.gbitPerS(),
        host,
        (int) Math.ceil(host / one.gbitPerS()),
        most,
        full,
        most / host,
        full == way.getLast().vms());
  }
}
