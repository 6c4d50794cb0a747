package dev.outboard.integration.live;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.compare.Host;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The machine and its daemon: what one must know to judge the figures. Immutable; written to the
 * JSON as it is.
 *
 * @param outboard the daemon's version
 * @param jdk what the daemon runs on
 * @param notifier how its idle workers wait
 * @param isolation how it places guests on workers
 */
public record LiveHost(
    String outboard,
    String started,
    String kernel,
    String cpu,
    int cpus,
    String jdk,
    String notifier,
    String isolation,
    int workers) {

  static LiveHost of(JsonNode info, Instant start) {
    return new LiveHost(
        info.path("version").asText(),
        start.truncatedTo(ChronoUnit.SECONDS).toString(),
        System.getProperty("os.version"),
        Host.cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        info.path("jdk").asText(),
        info.path("notifier").asText(),
        info.path("isolation").asText(),
        info.path("workers").asInt());
  }
}
