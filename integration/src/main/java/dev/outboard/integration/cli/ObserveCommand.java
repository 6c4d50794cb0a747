package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.ObservationView;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code outboard observe}: watches guests' TCP for a while. One that is being observed already, by
 * whomever, goes on being so afterwards.
 */
@Command(
    name = "observe",
    description = {
      "Watch guests' own TCP for a while: round trips, retransmissions.",
      "No packet is touched, and none is added. A round trip begins when the sidecar takes a segment",
      "from the guest, and ends when it gives the guest the acknowledgment."
    },
    mixinStandardHelpOptions = true)
final class ObserveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "GUEST", arity = "1..*", description = "The guests.")
  private List<String> guests;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long (${DEFAULT-VALUE}).")
  private long seconds;

  @Override
  public Integer call() throws UserException, JsonProcessingException, InterruptedException {
    if (seconds < 0) {
      throw UserException.input("--seconds must not be negative", null);
    }
    List<ObservationView> seen = new ArrayList<>();
    try (Watch watch = new Watch(api.connect())) {
      Thread end = new Thread(watch::end, "outboard-observe-end");
      Runtime.getRuntime().addShutdownHook(end);
      for (String guest : guests) {
        watch.begin(guest);
      }
      TimeUnit.SECONDS.sleep(seconds);
      seen.addAll(watch.seen());
      Runtime.getRuntime().removeShutdownHook(end);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json.isSet() ? Json.api().writeValueAsString(seen) + "\n" : table(seen));
    out.flush();
    return 0;
  }

  /** What the daemon is asked to watch; ended by the command, or by the hook of Ctrl-C. */
  private static final class Watch implements AutoCloseable {
    private final ApiClient client;
    private final Map<String, ObservationView> before = new LinkedHashMap<>();
    private final List<String> ours = new ArrayList<>();

    Watch(ApiClient client) {
      this.client = client;
    }

    synchronized void begin(String guest) throws UserException, JsonProcessingException {
      ApiClient.Answer answer = client.exchange("GET", path(guest), "");
      String view = answer.body();
      if (answer.status() != 200) {
        view = client.call("PUT", path(guest), "");
        ours.add(guest);
      }
      before.put(guest, read(view));
    }

    synchronized List<ObservationView> seen() throws UserException, JsonProcessingException {
      List<ObservationView> seen = new ArrayList<>();
      for (ObservationView first : before.values()) {
        ObservationView now = read(client.call("GET", path(first.guest()), ""));
        try {
          seen.add(now.since(first));
        } catch (IllegalArgumentException e) {
          throw new UserException(
              "somebody else has begun to observe guest '" + first.guest() + "' anew", e);
        }
      }
      return seen;
    }

    synchronized void end() {
      for (String guest : ours) {
        try {
          // It may have gone meanwhile; then there is nothing to end.
          ApiClient.Answer _ = client.exchange("DELETE", path(guest), "");
        } catch (UserException e) {
          System.err.println("outboard: still observed: " + guest + ": " + e.getMessage());
        }
      }
      ours.clear();
    }

    private static String path(String guest) throws UserException {
      return Ids.path("/observations/", "guest", guest);
    }

    private static ObservationView read(String body) throws JsonProcessingException {
      return Json.api().readValue(body, ObservationView.class);
    }

    @Override
    public void close() {
      end();
      client.close();
    }
  }

  private static String table(List<ObservationView> seen) {
    Table table =
        new Table("GUEST", "ROUND TRIPS", "P50", "P90", "P99", "SEGMENTS", "SENT AGAIN", "BYTES");
    for (ObservationView each : seen) {
      table.row(
          each.guest(),
          each.roundTrips(),
          micros(each.p50Us()),
          micros(each.p90Us()),
          micros(each.p99Us()),
          each.segments(),
          each.retransmissions(),
          each.bytes());
    }
    return table.toString();
  }

  private static String micros(Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.1f us", value);
  }
}
