package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.ObservationView;
import dev.outboard.integration.wire.RoundTrips;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Lets a share of a swap's guests go ahead, and watches them: their own TCP before and after, and
 * what is dropped of them. Of all guests those go that talk the most, because silent ones tell
 * nothing. Used by {@link SwapCommand}.
 */
final class Canary implements AutoCloseable {
  private static final double NANOS = 1000;

  private final SwapHosts hosts;
  private final double share;
  private final int seconds;
  private final double limit;
  private final List<Guest> guests = new ArrayList<>();

  /** A guest of a swap. */
  private static final class Guest {
    final SwapHosts.Host host;
    final String id;

    /** Nobody had it observed. */
    boolean isOurs;

    Sample first;
    Sample second;

    Guest(SwapHosts.Host host, String id) {
      this.host = host;
      this.id = id;
    }

    Sample sample() throws UserException {
      JsonNode counters = host.ask("GET", Ids.path("/guests/", "guest", id), "").path("counters");
      long drops = 0;
      for (JsonNode count : counters.path("drops")) {
        drops += count.asLong();
      }
      long frames =
          counters.path("sent_frames").asLong() + counters.path("received_frames").asLong();
      return new Sample(observation("GET"), frames, drops);
    }

    ObservationView observation(String method) throws UserException {
      try {
        return Json.api().treeToValue(host.ask(method, path(), ""), ObservationView.class);
      } catch (JsonProcessingException e) {
        throw new UserException("guest " + id + ": " + e.getMessage(), e);
      }
    }

    String path() throws UserException {
      return Ids.path("/observations/", "guest", id);
    }

    long roundTrips() {
      return second.observation.roundTrips() - first.observation.roundTrips();
    }
  }

  private record Sample(ObservationView observation, long frames, long drops) {}

  /**
   * Nothing is done yet.
   *
   * @param share of the guests, above 0 and below 1
   * @param limit as in {@link CanaryVerdict}
   */
  Canary(SwapHosts hosts, double share, int seconds, double limit) {
    this.hosts = hosts;
    this.share = share;
    this.seconds = seconds;
    this.limit = limit;
  }

  /** Watches all of them on the old way, then some on the new; the swap is prepared. */
  CanaryVerdict run() throws UserException, InterruptedException {
    for (SwapHosts.Host host : hosts.all()) {
      host.guests().forEach(id -> guests.add(new Guest(host, id)));
    }
    if (guests.size() < 2) {
      throw UserException.input(
          "--canary needs two guests at least, one that goes ahead and one that waits; this swap is"
              + " about "
              + guests.size(),
          null);
    }
    observe();
    for (Guest guest : guests) {
      guest.first = guest.sample();
    }
    await();
    for (Guest guest : guests) {
      guest.second = guest.sample();
    }
    guests.sort(Comparator.comparingLong(Guest::roundTrips).reversed());
    int count = Math.clamp(Math.round(share * guests.size()), 1, guests.size() - 1);
    List<Guest> ahead = guests.subList(0, count);
    CanaryVerdict.Seen before = seen(ahead);
    if (before.roundTrips() < CanaryVerdict.FEWEST) {
      return CanaryVerdict.of(limit, before, before);
    }
    commit(ahead);
    for (Guest guest : ahead) {
      guest.first = guest.sample();
    }
    await();
    for (Guest guest : ahead) {
      guest.second = guest.sample();
    }
    return CanaryVerdict.of(limit, before, seen(ahead));
  }

  private void observe() throws UserException {
    for (SwapHosts.Host host : hosts.all()) {
      List<String> known = new ArrayList<>();
      for (JsonNode observation : host.ask("GET", "/observations", "")) {
        known.add(observation.path("guest").asText());
      }
      for (Guest guest : guests) {
        if (guest.host == host && !known.contains(guest.id)) {
          ObservationView _ = guest.observation("PUT");
          guest.isOurs = true;
        }
      }
    }
  }

  private void commit(List<Guest> ahead) throws UserException {
    for (SwapHosts.Host host : hosts.all()) {
      List<String> ids = ahead.stream().filter(g -> g.host == host).map(g -> g.id).toList();
      if (!ids.isEmpty()) {
        hosts.commit(host, ids);
      }
    }
  }

  private void await() throws UserException, InterruptedException {
    for (int second = 0; second < seconds; second++) {
      TimeUnit.SECONDS.sleep(1);
      hosts.renew();
    }
  }

  private static CanaryVerdict.Seen seen(List<Guest> ahead) throws UserException {
    Histogram times = RoundTrips.empty();
    long segments = 0;
    long again = 0;
    long frames = 0;
    long drops = 0;
    for (Guest guest : ahead) {
      ObservationView time;
      try {
        time = guest.second.observation.since(guest.first.observation);
      } catch (IllegalArgumentException e) {
        throw new UserException(
            "somebody else has begun to observe guest '" + guest.id + "' anew", e);
      }
      times.add(RoundTrips.decode(time.histogram()));
      segments += time.segments();
      again += time.retransmissions();
      frames += guest.second.frames - guest.first.frames;
      drops += guest.second.drops - guest.first.drops;
    }
    double p99 = times.getTotalCount() == 0 ? Double.NaN : times.getValueAtPercentile(99) / NANOS;
    return new CanaryVerdict.Seen(times.getTotalCount(), p99, segments, again, frames, drops);
  }

  /** Ends the observations that it began. */
  @Override
  public void close() {
    for (Guest guest : guests) {
      try {
        if (guest.isOurs) {
          JsonNode _ = guest.host.ask("DELETE", guest.path(), "");
        }
      } catch (UserException e) {
        System.err.println("outboard: still observed: " + guest.id + ": " + e.getMessage());
      }
    }
    guests.clear();
  }
}
