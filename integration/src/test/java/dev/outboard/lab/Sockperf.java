package dev.outboard.lab;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Latency between guests as sockperf's ping-pong measures it: half of a round trip, in
 * microseconds, with one message in flight.
 */
public record Sockperf(double average, double p50, double p99, double p999, long messages) {

  /** Leaves UDP and TCP servers running in the guest. */
  public static void serve(LinuxGuest guest) {
    String address = guest.config().address();
    guest.background("sockperf server -i " + address, "/tmp/sockperf-udp");
    guest.background("sockperf server --tcp -i " + address, "/tmp/sockperf-tcp");
    guest.run("sleep 0.5");
  }

  /** UDP ping-pong from the guest to a serving address. */
  public static Sockperf udp(LinuxGuest from, String address, int bytes, int seconds) {
    return run(from, address, bytes, seconds, "");
  }

  /** TCP ping-pong from the guest to a serving address. */
  public static Sockperf tcp(LinuxGuest from, String address, int bytes, int seconds) {
    return run(from, address, bytes, seconds, " --tcp");
  }

  private static Sockperf run(
      LinuxGuest from, String address, int bytes, int seconds, String options) {
    String command =
        "sockperf ping-pong -i " + address + " -m " + bytes + " -t " + seconds + options;
    return parse(from.run(command, Duration.ofSeconds(seconds + 30L)).output());
  }

  /** Reads what the tool has printed, in a guest or elsewhere. */
  public static Sockperf parse(String output) {
    return new Sockperf(
        number(output, "Summary: Latency is ([0-9.]+) usec"),
        number(output, "percentile 50\\.000 = +([0-9.]+)"),
        number(output, "percentile 99\\.000 = +([0-9.]+)"),
        number(output, "percentile 99\\.900 = +([0-9.]+)"),
        (long) number(output, "Valid Duration.* ReceivedMessages=([0-9]+)"));
  }

  private static double number(String output, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(output);
    if (!matcher.find()) {
      throw new IllegalStateException("no '" + pattern + "' in sockperf's output:\n" + output);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
