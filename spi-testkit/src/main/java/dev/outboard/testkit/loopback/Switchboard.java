package dev.outboard.testkit.loopback;

import dev.outboard.spi.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who is open in this process, by the same provider. The control thread enters, workers look. */
final class Switchboard {
  private final Map<String, SharedLoopback> uplinks = new ConcurrentHashMap<>();
  private volatile GuestPort[] guests = new GuestPort[0];

  void enter(String endpoint, SharedLoopback uplink) throws TransportException {
    if (uplinks.putIfAbsent(endpoint, uplink) != null) {
      throw new TransportException("an uplink has the endpoint '" + endpoint + "' already");
    }
  }

  void leave(String endpoint) {
    uplinks.remove(endpoint);
  }

  SharedLoopback uplink(String endpoint) {
    return uplinks.get(endpoint);
  }

  void enter(GuestPort guest) throws TransportException {
    List<GuestPort> all = new ArrayList<>(List.of(guests));
    for (GuestPort other : all) {
      if (other.isLike(guest)) {
        throw new TransportException("a guest of this network has the same address already");
      }
    }
    all.add(guest);
    guests = all.toArray(GuestPort[]::new);
  }

  void leave(GuestPort guest) {
    List<GuestPort> all = new ArrayList<>(List.of(guests));
    all.remove(guest);
    guests = all.toArray(GuestPort[]::new);
  }

  /** The other guest of the same network and tenant that has this address; null if none. Hot. */
  GuestPort find(GuestPort from, long mac) {
    for (GuestPort guest : guests) {
      if (guest.hears(from, mac)) {
        return guest;
      }
    }
    return null;
  }
}
