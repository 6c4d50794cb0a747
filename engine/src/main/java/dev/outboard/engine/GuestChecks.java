package dev.outboard.engine;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.worker.Directory;
import dev.outboard.engine.worker.GuestDevice;

/** Whether a guest may be attached: its values make sense and its addresses are free. */
final class GuestChecks {
  private static final int MAX_NETWORK = (1 << 24) - 1;
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65_521;
  private static final int MAX_PAIRS = 16;

  private GuestChecks() {}

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
    GuestDevice sameMac = directory.byMac(spec.network(), spec.mac().bits());
    if (sameMac != null) {
      throw taken(who + "MAC address " + spec.mac(), spec, sameMac);
    }
    GuestDevice sameIp = directory.owner(domain, spec.addresses());
    if (sameIp != null) {
      throw taken(who + "one of its IP addresses", spec, sameIp);
    }
  }

  private static EngineException invalid(String message) {
    return new EngineException(EngineException.Kind.INVALID, message);
  }

  private static EngineException taken(String what, GuestSpec spec, GuestDevice owner) {
    return new EngineException(
        EngineException.Kind.TAKEN,
        "%s is taken in network %d by guest '%s'"
            .formatted(what, spec.network(), owner.identity().id()));
  }
}
