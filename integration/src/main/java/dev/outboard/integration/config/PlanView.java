package dev.outboard.integration.config;

import dev.outboard.engine.GatewaySpec;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.RemoteSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a configuration amounts to, for programs (field by field) and people ({@link #lines}).
 *
 * @param api the API's socket
 * @param workers how many threads move frames, or how many there may be
 * @param threads who shares a worker, how they wait, in words
 * @param guests the ids of those attached at start
 * @param remotes the ids of stations on other hosts
 * @param routes how many rules choose an uplink
 * @param defaults the networks that have a default uplink
 */
public record PlanView(
    String api,
    String runtimeDirectory,
    String isolation,
    int workers,
    String notifier,
    String threads,
    int maxGuests,
    List<UplinkView> uplinks,
    List<String> guests,
    List<String> remotes,
    int routes,
    List<Integer> defaults) {

  /** An uplink that is opened at start. */
  public record UplinkView(String name, String transport) {}

  /** The view of a plan. */
  public static PlanView of(Plan plan) {
    return new PlanView(
        plan.api().socket().toString(),
        plan.runtimeDirectory().toString(),
        plan.isolation().name(),
        plan.engine().workers(),
        plan.notifier().provider().name(),
        plan.threads(),
        plan.engine().maxGuests(),
        plan.uplinks().stream().map(u -> new UplinkView(u.name(), u.provider().name())).toList(),
        plan.guests().stream().map(GuestSpec::id).toList(),
        plan.remotes().stream().map(RemoteSpec::id).toList(),
        plan.routes().size(),
        plan.gateways().stream().map(GatewaySpec::network).toList());
  }

  /** What would run, a line for each kind of thing that there is. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(List.of(threads, "API: " + api));
    lines.add("runtime directory: " + runtimeDirectory);
    uplinks.forEach(uplink -> lines.add("uplink " + uplink.name() + ": " + uplink.transport()));
    add(lines, "networks with a default uplink", defaults);
    if (routes > 0) {
      lines.add("routes: " + routes);
    }
    add(lines, "remotes", remotes);
    add(lines, "guests at start", guests);
    return lines;
  }

  private static void add(List<String> lines, String what, List<?> things) {
    if (!things.isEmpty()) {
      String list = String.join(", ", things.stream().map(String::valueOf).toList());
      lines.add(what + ": " + things.size() + " (" + list + ")");
    }
  }
}
