package dev.outboard.integration.figures;

import java.util.List;

/**
 * What a user has asked for. Immutable.
 *
 * @param arms with the hosts alone first
 * @param figures which of 2, 3 and 4
 * @param counts numbers of VMs on each host, in their order
 * @param rounds how often each point is measured
 * @param seconds how long, each time
 * @param remote the machines; null: this one
 */
public record FiguresSettings(
    List<FigureArm> arms,
    List<Integer> figures,
    List<Integer> counts,
    int rounds,
    double seconds,
    RemoteSettings remote) {
  /** The paper's counts. */
  public static final List<Integer> COUNTS = List.of(1, 2, 5, 10, 20, 35, 70, 126);

  /** What takes less than five minutes. */
  public static final List<Integer> QUICK_COUNTS = List.of(1, 2, 5, 10, 20);

  /** Takes private copies. */
  public FiguresSettings {
    arms = List.copyOf(arms);
    figures = List.copyOf(figures);
    counts = counts.stream().sorted().distinct().toList();
  }

  int most() {
    return counts.getLast();
  }

  FiguresSettings upTo(int most) {
    return new FiguresSettings(
        arms,
        figures,
        counts.stream().filter(count -> count <= most).toList(),
        rounds,
        seconds,
        remote);
  }
}
