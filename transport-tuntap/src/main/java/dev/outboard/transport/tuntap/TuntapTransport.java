package dev.outboard.transport.tuntap;

import dev.outboard.linux.Errno;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.GuestPorts;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** An open {@code tuntap} uplink. Control thread, but {@link #scratch}. */
final class TuntapTransport implements Transport {
  private static final Logger LOG = System.getLogger(TuntapTransport.class.getName());

  /** The kernel's largest MTU of a TAP: 65,535 less the Ethernet header. */
  private static final int MAX_MTU = 65_521;

  private static final int MAX_FRAGMENTS = Scratch.MOST_IOVECS - 1;

  private static final int OFFLOADS = Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6;

  private static final Capabilities CAPABILITIES =
      Capabilities.perGuest(MAX_MTU, MAX_FRAGMENTS).withOffloads(OFFLOADS);

  private final String uplink;
  private final Owner owner;
  private final TapPool pool;
  private final Bridges bridges;
  private final Keeper keeper;
  private final Scratch[] scratches;

  TuntapTransport(
      TransportContext context, Owner owner, int poolMin, int poolMax, BridgeDevice device) {
    uplink = context.uplink();
    this.owner = owner;
    pool = new TapPool(owner, poolMin, poolMax);
    bridges = new Bridges(owner, uplink, device);
    scratches = new Scratch[context.workers()];
    for (int i = 0; i < scratches.length; i++) {
      scratches[i] = new Scratch();
    }
    keeper = new Keeper(uplink, pool, bridges);
  }

  /** What the ports of a worker share. That worker, when it binds a port. */
  Scratch scratch(int worker) {
    return scratches[worker];
  }

  /** How many TAPs wait for a guest. */
  int idleTaps() {
    return pool.idleCount();
  }

  @Override
  public Capabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public GuestPort openPort(PortSpec spec) throws TransportException {
    Bridges.Key key = new Bridges.Key(spec.network(), spec.tenant());
    if (spec.mtu() > MAX_MTU) {
      throw new TransportException(
          "a TAP carries an MTU of at most %d, %s has %d".formatted(MAX_MTU, key, spec.mtu()));
    }
    try {
      Bridges.Bridge bridge = bridges.enter(key, spec.mtu());
      try {
        return attach(spec, bridge);
      } catch (LinuxException | RuntimeException e) {
        bridges.leave(bridge);
        throw e;
      }
    } catch (LinuxException e) {
      throw explain(spec, key, e);
    } finally {
      keeper.wake();
    }
  }

  private TapPort attach(PortSpec spec, Bridges.Bridge bridge) throws LinuxException {
    PooledTap tap = pool.take();
    try {
      String alias = Names.portAlias(owner, uplink, spec.guest());
      GuestPorts.attach(bridge.index, tap.index(), spec.mac().bits(), spec.mtu(), alias);
      return new TapPort(this, spec, tap, bridge);
    } catch (LinuxException e) {
      pool.give(tap);
      throw e;
    }
  }

  @Override
  public GuestPort adoptPort(PortSpec spec, PortState state) throws TransportException {
    try {
      TapState tap = TapState.of(spec, state);
      Bridges.Key key = new Bridges.Key(spec.network(), spec.tenant());
      Bridges.Bridge bridge = bridges.adopt(key, tap.bridge(), spec.mtu());
      return TapPort.adopt(this, spec, tap, bridge);
    } catch (TransportException e) {
      state.files().forEach(FileDescriptors::close);
      throw e;
    }
  }

  /** Writes on the devices of an adopted port that they are this process's. */
  void own(TapPort port, String guest) {
    try {
      bridges.own(port.bridge());
      Links.setAlias(port.tap().name(), Names.portAlias(owner, uplink, guest));
    } catch (LinuxException e) {
      // They work all the same. A bridge that still names the other process goes with that.
      LOG.log(Level.WARNING, "uplink {0}, guest {1}: {2}", uplink, guest, e.getMessage());
    }
  }

  /** Leaves a port to the process that it was to be adopted from. */
  void leave(TapPort port) {
    port.tap().close();
    bridges.leave(port.bridge());
  }

  private TransportException explain(PortSpec spec, Bridges.Key key, LinuxException e) {
    String why =
        switch (e.errno()) {
          case Errno.EXFULL ->
              "the bridge of %s is full: a Linux bridge has at most 1,023 ports; use another network or transport for further guests"
                  .formatted(key);
          case Errno.EEXIST ->
              "the bridge of %s has a port for %s already; each guest needs a MAC address of its own"
                  .formatted(key, spec.mac());
          case Errno.EOPNOTSUPP -> "this kernel has no bridges (CONFIG_BRIDGE)";
          default -> e.getMessage();
        };
    return new TransportException(
        "uplink %s: no port for guest %s: %s".formatted(uplink, spec.guest(), why), e);
  }

  /** Takes a port's devices back; the TAP is wiped before another guest may have it. */
  void close(TapPort port) {
    pool.give(port.tap());
    bridges.leave(port.bridge());
    keeper.wake();
  }

  @Override
  public void close() {
    keeper.close();
    try {
      pool.close();
      bridges.close();
    } catch (LinuxException e) {
      // TAPs go with their descriptors. A bridge that stays is deleted by the next start.
      LOG.log(Level.WARNING, "closing uplink {0}: {1}", uplink, e.getMessage());
    }
  }
}
