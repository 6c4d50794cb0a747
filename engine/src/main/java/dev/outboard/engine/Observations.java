package dev.outboard.engine;

import dev.outboard.engine.observation.GuestTraffic;
import dev.outboard.engine.worker.GuestDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whose TCP is observed: a guest's device holds what is seen of it, so an observation lasts as long
 * as its guest at most. The control thread.
 */
final class Observations {
  private final Map<String, AttachedGuest> guests;

  /** Of these guests, who come and go. */
  Observations(Map<String, AttachedGuest> guests) {
    this.guests = guests;
  }

  /** Begins, or begins anew. */
  Observation begin(String id) throws EngineException {
    GuestDevice device = device(id);
    return observation(id, device.observe());
  }

  /** Ends; returns what it came to. */
  Observation end(String id) throws EngineException {
    GuestDevice device = device(id);
    GuestTraffic traffic = device.traffic();
    if (traffic == null) {
      throw new EngineException(EngineException.Kind.UNKNOWN, "guest '" + id + "' is not observed");
    }
    device.unobserve();
    return observation(id, traffic);
  }

  /** Those that are under way, by guest. */
  List<Observation> list() {
    List<Observation> all = new ArrayList<>();
    for (AttachedGuest guest : guests.values()) {
      GuestTraffic traffic = guest.control.device().traffic();
      if (traffic != null) {
        all.add(observation(guest.id(), traffic));
      }
    }
    return all;
  }

  private GuestDevice device(String id) throws EngineException {
    AttachedGuest guest = guests.get(id);
    if (guest == null) {
      throw Host.unknownGuest(id);
    }
    return guest.control.device();
  }

  private static Observation observation(String id, GuestTraffic traffic) {
    List<Observation.Bucket> roundTrips = new ArrayList<>();
    traffic.forEachRoundTrip(
        (nanos, count) -> roundTrips.add(new Observation.Bucket(nanos, count)));
    return new Observation(
        id,
        Duration.ofNanos(System.nanoTime() - traffic.begun()),
        traffic.segments(),
        traffic.bytes(),
        traffic.retransmissions(),
        roundTrips);
  }
}
