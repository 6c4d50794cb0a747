package dev.outboard.e2e;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.outboard.lab.Sockperf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the tests with real guests have measured, shown side by side at their end: as lines that
 * begin with "figure:", and as JSON below integration/target for whoever compares runs.
 */
final class FigureTable {
  private final List<Traffic.Figures> rows = new ArrayList<>();
  private final Map<String, Double> seconds = new LinkedHashMap<>();

  void add(Traffic.Figures row) {
    rows.add(row);
  }

  /** Notes how long a part of the tests took. */
  void took(String part, long nanos) {
    seconds.merge(part, nanos / 1e9, Double::sum);
  }

  /** Prints all and writes the file. */
  void finish() throws IOException {
    line(
        String.format(
            Locale.ROOT,
            "%-24s %5s | %11s | %11s | %24s | %24s | %s",
            "64 B messages, 2 CPUs",
            "boot",
            "TCP Gbit/s",
            "B per frame",
            "UDP us p50/p99/p99.9",
            "TCP us p50/p99/p99.9",
            "CPU s of VMMs+sidecar, UDP / TCP"));
    for (Traffic.Figures row : rows) {
      line(
          String.format(
              Locale.ROOT,
              "%-24s %5.1f | %5.2f %5.2f | %5d %5d | %24s | %24s | %s / %s%s",
              row.path(),
              row.bootSeconds(),
              row.gbitThere(),
              row.gbitBack(),
              row.frameBytesThere(),
              row.frameBytesBack(),
              latency(row.udp()),
              latency(row.tcp()),
              cpu(row.cpuInUdp()),
              cpu(row.cpuInTcp()),
              row.drops().isEmpty() ? "" : " drops " + row.drops()));
    }
    line("seconds " + seconds);
    Path file = Path.of(System.getProperty("outboard.root"), "integration/target/real-guests.json");
    Files.createDirectories(file.getParent());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("cpus", Runtime.getRuntime().availableProcessors());
    all.put("paths", rows);
    all.put("seconds", seconds);
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValue(file.toFile(), all);
  }

  private static String latency(Sockperf result) {
    return String.format(Locale.ROOT, "%.0f/%.0f/%.0f", result.p50(), result.p99(), result.p999());
  }

  private static String cpu(Map<String, Double> used) {
    String guests = String.format(Locale.ROOT, "%.2f", used.get("one") + used.get("two"));
    Double sidecar = used.get("sidecar");
    return sidecar == null ? guests : guests + String.format(Locale.ROOT, "+%.2f", sidecar);
  }

  private static void line(String text) {
    System.out.println("figure: " + text);
  }
}
