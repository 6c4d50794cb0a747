package dev.outboard.transport.tuntap;

import dev.outboard.linux.Errno;
import dev.outboard.linux.Link;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.spi.TransportException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bridges of one uplink, one for each network and tenant that has a port. The control thread
 * enters and leaves; the keeper deletes those that nobody uses, which takes the kernel 40 ms: too
 * long to have the control thread wait for.
 */
final class Bridges {
  /** What a bridge is for. */
  record Key(int network, String tenant) {
    @Override
    public String toString() {
      return "network " + network + ", tenant " + tenant;
    }
  }

  /** A bridge that exists. Its use is counted under the lock of {@link Bridges}. */
  static final class Bridge {
    final Key key;
    final String name;
    final int index;
    final int mtu;
    private int ports;
    private boolean dying;

    /** Another process has it, or had it until {@link Bridges#own}. */
    private boolean adopted;

    Bridge(Key key, String name, int index, int mtu) {
      this.key = key;
      this.name = name;
      this.index = index;
      this.mtu = mtu;
    }
  }

  private final Owner owner;
  private final String uplink;
  private final BridgeDevice device;
  private final Map<Key, Bridge> bridges = new HashMap<>();

  Bridges(Owner owner, String uplink, BridgeDevice device) {
    this.owner = owner;
    this.uplink = uplink;
    this.device = device;
  }

  /** Deletes bridges that a killed sidecar has left behind; leaves alone what is not ours. */
  static void repair() throws LinuxException {
    List<String> orphans = new ArrayList<>();
    for (Link link : Links.bridges()) {
      Owner owner = Names.owner(link.name(), link.alias());
      if (owner != null && owner.isGone()) {
        orphans.add(link.name());
      }
    }
    Trash.delete(orphans);
  }

  /** The bridge for one more port; made if this is the first. */
  synchronized Bridge enter(Key key, int mtu) throws LinuxException, TransportException {
    Bridge bridge = awaitAlive(key);
    if (bridge != null && bridge.ports == 0 && bridge.mtu != mtu) {
      Links.setMtu(bridge.name, mtu);
      device.join(uplink, key, bridge.name, mtu);
      bridge = new Bridge(key, bridge.name, bridge.index, mtu);
      bridges.put(key, bridge);
    }
    if (bridge == null) {
      bridge = create(key, mtu);
      bridges.put(key, bridge);
    }
    if (bridge.mtu != mtu) {
      throw new TransportException(
          "%s has ports of MTU %d on uplink %s, and MTU %d was asked for: a network has one MTU"
              .formatted(key, bridge.mtu, uplink, mtu));
    }
    bridge.ports++;
    return bridge;
  }

  /** One more port of a bridge that another process has made, and still has. */
  synchronized Bridge adopt(Key key, String name, int mtu) {
    Bridge bridge = bridges.get(key);
    if (bridge == null) {
      bridge = new Bridge(key, name, Links.index(name), mtu);
      bridge.adopted = true;
      bridges.put(key, bridge);
    }
    bridge.ports++;
    return bridge;
  }

  /** The process that had it has given it up. */
  synchronized void own(Bridge bridge) throws LinuxException {
    if (bridge.adopted) {
      bridge.adopted = false;
      Key key = bridge.key;
      Links.setAlias(bridge.name, Names.bridgeAlias(owner, uplink, key.network(), key.tenant()));
    }
  }

  private Bridge create(Key key, int mtu) throws LinuxException, TransportException {
    String name = createDevice(key, mtu);
    try {
      Links.keepHostOff(name);
      Links.setUp(name);
      device.join(uplink, key, name, mtu);
      return new Bridge(key, name, Links.index(name), mtu);
    } catch (LinuxException | TransportException e) {
      Trash.delete(List.of(name));
      throw e;
    }
  }

  /**
   * Makes the bridge under a name that is the same after every start, or, where another sidecar
   * that lives has the same uplink, under one of this process's own.
   */
  private String createDevice(Key key, int mtu) throws LinuxException, TransportException {
    String shared = Names.bridge("", uplink, key.network(), key.tenant());
    String own = Names.bridge(owner.toString(), uplink, key.network(), key.tenant());
    String alias = Names.bridgeAlias(owner, uplink, key.network(), key.tenant());
    for (String name : List.of(shared, own)) {
      if (isLeftover(name)) {
        Trash.delete(List.of(name));
      }
      try {
        Links.createBridge(name, alias, mtu, Names.bridgeMac(name));
        return name;
      } catch (LinuxException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
    }
    throw new TransportException(
        "cannot make a bridge for %s: there are devices named %s and %s already"
            .formatted(key, shared, own));
  }

  /** Whether the bridge is one of ours that could not be deleted, or of a sidecar that is gone. */
  private boolean isLeftover(String name) throws LinuxException {
    Optional<Link> link = Links.find(name);
    if (link.isEmpty()) {
      return false;
    }
    Owner its = Names.owner(name, link.get().alias());
    return its != null && (its.equals(owner) || its.isGone());
  }

  /** Says that a port has left; a bridge without ports is the keeper's to delete. */
  synchronized void leave(Bridge bridge) {
    bridge.ports--;
  }

  /** Deletes the bridges that have no ports. */
  void tidy() throws LinuxException {
    List<String> names = new ArrayList<>();
    synchronized (this) {
      for (Bridge bridge : bridges.values()) {
        if (bridge.ports == 0) {
          bridge.dying = true;
          names.add(bridge.name);
        }
      }
    }
    if (names.isEmpty()) {
      return;
    }
    try {
      deleteOwn(names);
    } finally {
      forgetDying();
    }
  }

  private synchronized void forgetDying() {
    for (Iterator<Bridge> all = bridges.values().iterator(); all.hasNext(); ) {
      if (all.next().dying) {
        all.remove();
      }
    }
    notifyAll();
  }

  /**
   * Deletes those that have this process's name on them: others were taken over by another one, or
   * could not be taken over from it.
   */
  private void deleteOwn(List<String> names) throws LinuxException {
    List<String> own = new ArrayList<>();
    for (String name : names) {
      Optional<Link> link = Links.find(name);
      if (link.isPresent() && owner.equals(Names.owner(name, link.get().alias()))) {
        own.add(name);
      }
    }
    Trash.delete(own);
  }

  /** Deletes all of this process, ports or no ports. */
  void close() throws LinuxException {
    List<String> names;
    synchronized (this) {
      names = bridges.values().stream().map(bridge -> bridge.name).toList();
      bridges.clear();
      notifyAll();
    }
    deleteOwn(names);
  }

  /** The bridge, if there is one; while one is being deleted, waits until it is gone. */
  private synchronized Bridge awaitAlive(Key key) throws LinuxException {
    try {
      while (bridges.containsKey(key) && bridges.get(key).dying) {
        wait();
      }
      return bridges.get(key);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LinuxException("wait for a bridge to be deleted", Errno.EINTR);
    }
  }
}
