package dev.outboard.engine;

import dev.outboard.engine.control.GuestControl;
import dev.outboard.engine.worker.GuestUplink;
import dev.outboard.engine.worker.Way;
import dev.outboard.spi.GuestPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A guest as this host has it: what is declared of it and what it has open. A swap changes both.
 * The control thread.
 */
final class AttachedGuest {
  final GuestControl control;
  private GuestSpec spec;
  private Remotes.Ways ways;
  private final List<OwnPort> ports = new ArrayList<>();

  /** The swap it is in, or null. */
  Swap swap;

  /** One worker serves it for the sake of its ports alone: {@link Moves}. */
  boolean gathered;

  AttachedGuest(GuestSpec spec, GuestControl control, Remotes.Ways ways) {
    this.spec = spec;
    this.control = control;
    this.ways = ways;
  }

  String id() {
    return spec.id();
  }

  /** What is declared of it now. */
  GuestSpec spec() {
    return spec;
  }

  /** By which uplinks its frames leave now. */
  Remotes.Ways ways() {
    return ways;
  }

  /** Something else is true of it from now on. */
  void set(GuestSpec nextSpec, Remotes.Ways nextWays) {
    spec = nextSpec;
    ways = nextWays;
  }

  /** The names of all uplinks that it needs: it has a port there, or its rules lead there. */
  Set<String> uplinks() {
    Set<String> names = new TreeSet<>(ways.uplinks());
    ports.forEach(port -> names.add(port.uplink().name()));
    return names;
  }

  /** The port that it sends by, or null. */
  OwnPort port() {
    return ways.own() == null ? null : portOn(ways.own());
  }

  /** Whether it has a port of its own. */
  boolean hasPorts() {
    return !ports.isEmpty();
  }

  /** The port that it has on an uplink, or null. */
  OwnPort portOn(Uplink uplink) {
    for (OwnPort port : ports) {
      if (port.uplink() == uplink) {
        return port;
      }
    }
    return null;
  }

  /** What the transport has opened for it, or null. */
  GuestPort guestPort() {
    OwnPort port = port();
    return port == null ? null : port.port().port();
  }

  /** The way for a declaration and its rules; the port is open. */
  Way way(GuestSpec of, Remotes.Ways rules) {
    OwnPort port = rules.own() == null ? null : portOn(rules.own());
    GuestUplink own = port == null ? null : port.port();
    return new Way(rules.routes(), own, of.localForwarding());
  }

  /** Opens a port; no worker has it yet. */
  OwnPort open(Uplink uplink, GuestPort port) {
    OwnPort own =
        new OwnPort(
            uplink, new GuestUplink(control.device(), uplink.number(), port, uplink.offloads()));
    ports.add(own);
    return own;
  }

  /** Closes a port that no worker has any more, unless that is done. */
  void close(OwnPort port) {
    if (ports.remove(port)) {
      port.close();
    }
  }

  /** Closes all ports; no worker knows the guest. */
  void closePorts() {
    List.copyOf(ports).forEach(this::close);
  }
}
