package dev.outboard.integration.figures;

import dev.outboard.integration.Version;
import dev.outboard.integration.compare.Host;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The machine and how it was used. Immutable; written to the JSON as it is.
 *
 * @param hosts where the two hosts were
 * @param processors which of them each host had
 * @param counts numbers of VMs on each host that were measured
 * @param stopped why no more of them than that; empty if all were that were asked for
 * @param arms what each is, by name
 * @param idleCpus processors that were busy while no load ran
 * @param coreStates how often each state of the processors was met, over all points
 */
public record FiguresSetUp(
    String outboard,
    String started,
    String kernel,
    String cpu,
    int cpus,
    String jdk,
    String hosts,
    String processors,
    int rounds,
    double seconds,
    List<Integer> counts,
    String stopped,
    Map<String, Way> arms,
    double idleCpus,
    Map<String, Integer> coreStates) {

  /**
   * What there is to know of an arm.
   *
   * @param hostEnd what is at the end of the way in vm-host and host-vm
   * @param copies how often each byte is copied from one microVM to the other, and where
   * @param offloads what is handed on without being done
   */
  public record Way(String hostEnd, String copies, String offloads) {}

  static FiguresSetUp of(
      FiguresSettings settings,
      Hosts hosts,
      Instant started,
      double idle,
      String stopped,
      List<Point> points) {
    Map<String, Way> arms = new LinkedHashMap<>();
    settings
        .arms()
        .forEach(
            arm -> arms.put(arm.label(), new Way(arm.hostEnd(), arm.copies(), arm.offloads())));
    Map<String, Integer> states = new TreeMap<>();
    points.forEach(point -> states.merge(point.coreState().label(), 1, Integer::sum));
    return new FiguresSetUp(
        Version.text(),
        started.truncatedTo(ChronoUnit.SECONDS).toString(),
        System.getProperty("os.version"),
        Host.cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().toString(),
        hosts.words(),
        hosts.processors(),
        settings.rounds(),
        settings.seconds(),
        settings.counts(),
        stopped,
        arms,
        idle,
        states);
  }
}
