package dev.outboard.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;

/**
 * Throughput between guests as iperf3 measures it. Its JSON report is read, not its text, because
 * the text rounds.
 *
 * @param gbits what the receiver got, in Gbit/s
 * @param retransmits TCP segments sent again (0 for UDP)
 * @param lostPercent UDP datagrams lost (0 for TCP)
 */
public record Iperf3(double gbits, long retransmits, double lostPercent) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Leaves a server running in the guest, for any number of later runs. */
  public static void serve(LinuxGuest guest) {
    guest.run("iperf3 -s -D >/dev/null 2>&1; sleep 0.3");
  }

  /** TCP from the guest to a serving address. */
  public static Iperf3 tcp(LinuxGuest from, String address, int seconds) {
    return run(from, address, seconds, "");
  }

  /** As {@link #tcp}, with further options such as {@code -R}, {@code -P 4} or {@code -u -b 1G}. */
  public static Iperf3 run(LinuxGuest from, String address, int seconds, String options) {
    return client(
        from, address, "-t " + seconds + " " + options, Duration.ofSeconds(seconds + 30L));
  }

  /** So many bytes, such as {@code 1M}, however long they take. */
  public static Iperf3 transfer(LinuxGuest from, String address, String bytes, String options) {
    return client(from, address, "-n " + bytes + " " + options, Duration.ofSeconds(60));
  }

  private static Iperf3 client(LinuxGuest from, String address, String options, Duration patience) {
    String command = "iperf3 -J -i 0 -c " + address + " " + options;
    return parse(from.run(command, patience).output());
  }

  /** Reads what the tool has printed, in a guest or elsewhere. */
  public static Iperf3 parse(String report) {
    JsonNode root;
    try {
      // A kernel message may stand before the report on a console.
      root = JSON.readTree(report.substring(Math.max(0, report.indexOf('{'))));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not an iperf3 report: " + report, e);
    }
    if (root.hasNonNull("error")) {
      throw new IllegalStateException("iperf3: " + root.get("error").asText());
    }
    JsonNode end = root.path("end");
    JsonNode received = end.has("sum_received") ? end.get("sum_received") : end.path("sum");
    if (!received.has("bits_per_second")) {
      throw new IllegalStateException("no result in the iperf3 report: " + report);
    }
    return new Iperf3(
        received.get("bits_per_second").asDouble() / 1e9,
        end.path("sum_sent").path("retransmits").asLong(),
        end.path("sum").path("lost_percent").asDouble());
  }
}
