package dev.outboard.testkit.loopback;

import dev.outboard.spi.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who is open in this process, by the same provider. The control thread enters, workers look. */
final class Switchboard {
  private final Map<String, SharedLoopback> uplinks = new ConcurrentHashMap<>();
  private volatile LoopbackGuestPort[] guests = new LoopbackGuestPort[0];

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

  void enter(LoopbackGuestPort guest) throws TransportException {
    List<LoopbackGuestPort> all = new ArrayList<>(List.of(guests));
    for (LoopbackGuestPort other : all) {
      if (other.isLike(guest)) {
        throw new TransportException("a guest of this network has the same address already");
      }
    }
    all.add(guest);
    guests = all.toArray(LoopbackGuestPort[]::new);
  }

  void leave(LoopbackGuestPort guest) {
    List<LoopbackGuestPort> all = new ArrayList<>(List.of(guests));
    all.remove(guest);
    guests = all.toArray(LoopbackGuestPort[]::new);
  }

  /** The other guest of the same network and tenant that has this address; null if none. Hot. */
  LoopbackGuestPort find(LoopbackGuestPort from, long mac) {
    for (LoopbackGuestPort guest : guests) {
      if (guest.hears(from, mac)) {
        return guest;
      }
    }
    return null;
  }
}
