package dev.outboard.engine;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.worker.Directory;
import dev.outboard.engine.worker.GuestDevice;
import dev.outboard.engine.worker.Station;
import dev.outboard.spi.MacAddress;
import java.net.InetAddress;
import java.util.List;

/** Whether a station may be declared: its values make sense and its addresses are free. */
final class StationChecks {
  private static final int MAX_NETWORK = (1 << 24) - 1;
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65_521;
  private static final int MAX_PAIRS = 16;

  private StationChecks() {}

  static void check(GuestSpec spec, Directory directory, BroadcastDomain<GuestDevice> domain)
      throws EngineException {
    String who = "guest '" + spec.id() + "': ";
    if (spec.network() < 0 || spec.network() > MAX_NETWORK) {
      throw invalid(who + "network " + spec.network() + " is not between 0 and " + MAX_NETWORK);
    }
    if (spec.mtu() < MIN_MTU || spec.mtu() > MAX_MTU) {
      throw invalid(who + "MTU " + spec.mtu() + " is not between " + MIN_MTU + " and " + MAX_MTU);
    }
    if (spec.queuePairs() < 1 || spec.queuePairs() > MAX_PAIRS) {
      throw invalid(who + spec.queuePairs() + " queue pairs are not between 1 and " + MAX_PAIRS);
    }
    if (spec.mac().isMulticast() || spec.mac().bits() == 0) {
      throw invalid(who + "MAC address " + spec.mac() + " can't be a guest's own");
    }
    checkFree(who, spec.network(), spec.mac(), spec.addresses(), directory, domain);
  }

  /** Whether a station on another host may be declared: its addresses are free. */
  static void check(RemoteSpec spec, Directory directory, BroadcastDomain<GuestDevice> domain)
      throws EngineException {
    String who = "remote '" + spec.id() + "': ";
    if (spec.mac().isMulticast() || spec.mac().bits() == 0) {
      throw invalid(who + "MAC address " + spec.mac() + " can't be a station's own");
    }
    checkFree(who, spec.network(), spec.mac(), spec.addresses(), directory, domain);
  }

  private static void checkFree(
      String who,
      int network,
      MacAddress mac,
      List<InetAddress> addresses,
      Directory directory,
      BroadcastDomain<GuestDevice> domain)
      throws EngineException {
    Station sameMac = directory.byMac(network, mac.bits());
    if (sameMac != null) {
      throw taken(who + "MAC address " + mac, network, sameMac);
    }
    Station sameIp = directory.owner(domain, addresses);
    if (sameIp != null) {
      throw taken(who + "one of its IP addresses", network, sameIp);
    }
  }

  private static EngineException invalid(String message) {
    return new EngineException(EngineException.Kind.INVALID, message);
  }

  private static EngineException taken(String what, int network, Station owner) {
    return new EngineException(
        EngineException.Kind.TAKEN,
        "%s is taken in network %d by %s '%s'"
            .formatted(
                what, network, owner instanceof GuestDevice ? "guest" : "remote", owner.id()));
  }
}
