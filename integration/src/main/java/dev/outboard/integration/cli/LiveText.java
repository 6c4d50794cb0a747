package dev.outboard.integration.cli;

import static dev.outboard.integration.cli.CompareText.format;
import static dev.outboard.integration.cli.CompareText.join;

import dev.outboard.integration.live.LiveResult;

/** Lays out a live comparison for people. Called by {@link CompareCommand}. */
final class LiveText {
  private LiveText() {}

  static String of(LiveResult result) {
    var host = result.host();
    var settings = result.settings();
    StringBuilder text = new StringBuilder();
    text.append(
        format(
            "outboard %s, %s, %d CPUs, kernel %s; %d pairs of %.3g s, %s %s%n%n",
            host.outboard(),
            host.cpu(),
            host.cpus(),
            host.kernel(),
            result.pairs(),
            settings.periodS(),
            String.join(",", settings.guests()),
            settings.split() ? "in two halves" : "together"));
    text.append(arms(result)).append('\n');
    for (LiveResult.Finding finding : result.verdicts()) {
      text.append(finding.text()).append('\n');
    }
    text.append('\n').append(noise(result.noiseFloor()));
    text.append(format("met core-to-core states: %s%n", join(result.coreStates())));
    if (result.leftOut() > 0) {
      text.append(
          format(
              "left out: %d pairs, the core-to-core state changed while they were measured%n",
              result.leftOut()));
    }
    if (result.pairs() < settings.pairs()) {
      text.append(
          format(
              "only %d of %d pairs could be compared: no more than twice as many are tried%n",
              result.pairs(), settings.pairs()));
    }
    if (result.arms().stream().allMatch(arm -> arm.rttUs() == null)) {
      text.append("no TCP round trip of these guests was seen\n");
    }
    return text.toString();
  }

  private static Table arms(LiveResult result) {
    Table table =
        new Table(
            "ARM",
            "RTT us p50",
            "p90",
            "p99",
            "ROUND TRIPS",
            "Gbit/s",
            "SEGMENTS",
            "AGAIN",
            "CPU s/GB",
            "MACHINE",
            "DROPS");
    for (LiveResult.Arm arm : result.arms()) {
      var rtt = arm.rttUs();
      var cpu = arm.cpuSPerGb();
      table.row(
          arm.name(),
          rtt == null ? "" : format("%.1f", rtt.p50()),
          rtt == null ? "" : format("%.1f", rtt.p90()),
          rtt == null ? "" : format("%.1f", rtt.p99()),
          rtt == null ? 0 : rtt.count(),
          format("%.4g", arm.gbitPerS()),
          arm.segments(),
          arm.retransmissions(),
          cpu == null ? "" : format("%.3g", cpu.sidecar()),
          cpu == null ? "" : format("%.3g", cpu.machine()),
          arm.drops().isEmpty() ? "none" : join(arm.drops()));
    }
    return table;
  }

  private static String noise(LiveResult.Noise noise) {
    if (noise.factor() == null) {
      return "noise: too few figures to tell\n";
    }
    return format(
        "noise: chance alone moves the median round trip by a factor of up to %.3f; %s%n",
        noise.factor(),
        noise.smallestEffect() == null
            ? "no effect below 16 would be found at 95 % power"
            : format("smallest effect found at 95 %% power: %.3f", noise.smallestEffect()));
  }
}
