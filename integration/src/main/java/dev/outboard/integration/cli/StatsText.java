package dev.outboard.integration.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Lays out the answer of {@code GET /stats}; from the second time on with rates. */
final class StatsText {
  private final Map<String, JsonNode> before = new HashMap<>();
  private double uptimeBefore;

  String next(JsonNode stats) {
    double seconds = stats.path("uptime_s").asDouble() - uptimeBefore;
    String text =
        String.format(Locale.ROOT, "up %.0f s%n%n", stats.path("uptime_s").asDouble())
            + guests(stats.path("guests"), seconds)
            + "\n"
            + workers(stats.path("workers"))
            + (stats.path("uplinks").isEmpty() ? "" : "\n" + uplinks(stats.path("uplinks")))
            + "\n";
    uptimeBefore = stats.path("uptime_s").asDouble();
    return text;
  }

  private String guests(JsonNode guests, double seconds) {
    Table table =
        new Table(
            "GUEST",
            "STATE",
            "SENT",
            "BYTES",
            "SENT/S",
            "RECEIVED",
            "BYTES",
            "RECEIVED/S",
            "DROPS");
    for (JsonNode guest : guests) {
      JsonNode now = guest.path("counters");
      JsonNode last = before.put(guest.path("id").asText(), now);
      table.row(
          guest.path("id").asText(),
          guest.path("state").asText(),
          now.path("sent_frames").asText(),
          now.path("sent_bytes").asText(),
          rate(now, last, "sent_frames", seconds),
          now.path("received_frames").asText(),
          now.path("received_bytes").asText(),
          rate(now, last, "received_frames", seconds),
          drops(now.path("drops")));
    }
    return table.toString();
  }

  private static String rate(JsonNode now, JsonNode last, String counter, double seconds) {
    if (last == null || seconds <= 0) {
      return "";
    }
    long more = now.path(counter).asLong() - last.path(counter).asLong();
    return String.format(Locale.ROOT, "%.0f", more / seconds);
  }

  private static String drops(JsonNode drops) {
    StringJoiner text = new StringJoiner(" ");
    for (Map.Entry<String, JsonNode> drop : drops.properties()) {
      if (drop.getValue().asLong() != 0) {
        text.add(drop.getKey() + "=" + drop.getValue().asLong());
      }
    }
    return text.length() == 0 ? "none" : text.toString();
  }

  private static String workers(JsonNode workers) {
    Table table =
        new Table("WORKER", "CPU", "NOTIFIER", "GUESTS", "ACTIVE", "LOOPS", "SLEEPS", "CALLS");
    for (JsonNode worker : workers) {
      table.row(
          worker.path("worker").asText(),
          worker.path("cpu").asInt() < 0 ? "any" : worker.path("cpu").asText(),
          worker.path("notifier").asText(),
          worker.path("guests").asText(),
          worker.path("active").asText(),
          worker.path("loops").asText(),
          worker.path("sleeps").asText(),
          worker.path("calls").asText());
    }
    return table.toString();
  }

  static String uplinks(JsonNode uplinks) {
    Table table = new Table("UPLINK", "TRANSPORT", "STATE", "SENT", "RECEIVED", "DROPS");
    for (JsonNode uplink : uplinks) {
      String failure = uplink.path("failure").asText();
      table.row(
          uplink.path("name").asText(),
          uplink.path("transport").asText(),
          failure.isEmpty() ? "up" : "failed: " + failure,
          uplink.path("sent_frames").asText(),
          uplink.path("received_frames").asText(),
          drops(uplink.path("drops")));
    }
    return table.toString();
  }
}
