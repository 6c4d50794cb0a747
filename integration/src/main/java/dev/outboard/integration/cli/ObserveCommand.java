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
    try (ApiClient client = api.connect()) {
      Map<String, ObservationView> before = new LinkedHashMap<>();
      List<String> ours = new ArrayList<>();
      try {
        for (String guest : guests) {
          before.put(guest, begin(client, guest, ours));
        }
        TimeUnit.SECONDS.sleep(seconds);
        for (ObservationView first : before.values()) {
          seen.add(since(first, client.call("GET", path(first.guest()), "")));
        }
      } finally {
        for (String guest : ours) {
          // It may have gone meanwhile; then there is nothing to end.
          ApiClient.Answer _ = client.exchange("DELETE", path(guest), "");
        }
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json.isSet() ? Json.api().writeValueAsString(seen) + "\n" : table(seen));
    out.flush();
    return 0;
  }

  private static String path(String guest) throws UserException {
    return Ids.path("/observations/", "guest", guest);
  }

  private static ObservationView begin(ApiClient client, String guest, List<String> ours)
      throws UserException, JsonProcessingException {
    ApiClient.Answer answer = client.exchange("GET", path(guest), "");
    if (answer.status() == 200) {
      return read(answer.body());
    }
    String begun = client.call("PUT", path(guest), "");
    ours.add(guest);
    return read(begun);
  }

  private static ObservationView since(ObservationView before, String after)
      throws UserException, JsonProcessingException {
    try {
      return read(after).since(before);
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "somebody else has begun to observe guest '" + before.guest() + "' anew", e);
    }
  }

  private static ObservationView read(String body) throws JsonProcessingException {
    return Json.api().readValue(body, ObservationView.class);
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
