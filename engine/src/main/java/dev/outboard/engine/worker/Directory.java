package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.AddressTable;
import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.forwarding.Path;
import dev.outboard.engine.forwarding.SourceCheck;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Who is where: stations by (network, MAC) and by (network, tenant, IP address), and where a
 * network's unknown ones are. Written by the control thread, read by workers as frames pass. No
 * step that a worker waits for depends on how many there are.
 */
public final class Directory {
  /** Distinguishes an IPv4 address from the lower half of an IPv6 one. */
  private static final long IPV4_MARK = 1L << 32;

  private static final int ADDRESSES_PER_GUEST = 4;

  private final AddressTable<Station> byMac;
  private final AddressTable<Station> byIp;
  private final AddressTable<Gateway> gateways;
  private final Map<String, Domain> domains = new HashMap<>();
  private final Map<GuestDevice, Integer> places = new HashMap<>();
  private int nextDomain;

  /** A domain, and what keeps it: stations, and a gateway. */
  private static final class Domain {
    final BroadcastDomain<GuestDevice> members;
    final List<RemoteStation> remotes = new ArrayList<>();
    Gateway gateway;

    Domain(int number) {
      members = new BroadcastDomain<>(number);
    }

    boolean isEmpty() {
      return members.count() == 0 && remotes.isEmpty() && gateway == null;
    }

    /** Each peer that has stations of the domain, once: as is usual, and by each uplink. */
    void showHops() {
      int[] uplinks = remotes.stream().flatMapToInt(RemoteStation::uplinks).distinct().toArray();
      Path[][] preferred = new Path[uplinks.length][];
      for (int i = 0; i < uplinks.length; i++) {
        int uplink = uplinks[i];
        preferred[i] =
            hops(remote -> remote.on(uplink) == null ? remote.usual() : remote.on(uplink));
      }
      members.setHops(new BroadcastDomain.Hops(hops(RemoteStation::usual), uplinks, preferred));
    }

    /** Those behind the senders' own ports are left out: what leaves by these reaches them. */
    private Path[] hops(Function<RemoteStation, Path> way) {
      Set<Path> hops = new LinkedHashSet<>();
      remotes.forEach(remote -> hops.add(way.apply(remote)));
      if (gateway != null) {
        hops.add(gateway.path());
      }
      hops.removeIf(Path::isOwnPort);
      return hops.toArray(Path[]::new);
    }
  }

  /** Tables for so many stations, in at most as many networks. */
  public Directory(int maxStations) {
    byMac = new AddressTable<>(maxStations);
    byIp = new AddressTable<>(maxStations * ADDRESSES_PER_GUEST);
    gateways = new AddressTable<>(maxStations);
  }

  /** Where a network's unknown stations are, or null. Any thread. */
  public Gateway gateway(int network) {
    return gateways.find(network, 0, 0);
  }

  /**
   * Says where a network's unknown stations are; it has no gateway yet. The control thread.
   *
   * @return false if the tables are full
   */
  public boolean addGateway(int network, String tenant, Gateway gateway) {
    if (!gateways.add(network, 0, 0, gateway)) {
      return false;
    }
    Domain domain = domains.get(key(network, tenant));
    domain.gateway = gateway;
    domain.showHops();
    return true;
  }

  /** Says where a network's unknown stations are from now on. The control thread. */
  public void move(int network, String tenant, Path place) {
    gateway(network).move(place);
    domains.get(key(network, tenant)).showHops();
  }

  /** Has a station on another host be reached another way usually. The control thread. */
  public void prefer(RemoteStation remote, Path usual) {
    remote.prefer(usual);
    domains.get(key(remote.identity)).showHops();
  }

  /** Who has a MAC address in a network, or null. Any thread. */
  public Station byMac(int network, long mac) {
    return byMac.find(network, 0, mac);
  }

  private static long ipv4Key(int address) {
    return (address & 0xffff_ffffL) | IPV4_MARK;
  }

  /** Who has an IPv4 address in a domain, or null. Any thread. */
  Station byIpv4(BroadcastDomain<GuestDevice> domain, int address) {
    return byIp.find(domain.number(), 0, ipv4Key(address));
  }

  /** Who has an IPv6 address in a domain, or null. Any thread. */
  Station byIpv6(BroadcastDomain<GuestDevice> domain, long high, long low) {
    return byIp.find(domain.number(), high, low);
  }

  private Station byIp(BroadcastDomain<GuestDevice> domain, InetAddress address) {
    return address instanceof Inet4Address
        ? byIpv4(domain, SourceCheck.ipv4(address))
        : byIpv6(domain, SourceCheck.high(address), SourceCheck.low(address));
  }

  /** The guests of one network and tenant; the control thread. */
  public BroadcastDomain<GuestDevice> domain(int network, String tenant) {
    return domains.computeIfAbsent(key(network, tenant), k -> new Domain(nextDomain++)).members;
  }

  private static String key(int network, String tenant) {
    return network + "/" + tenant;
  }

  private static String key(GuestIdentity identity) {
    return key(identity.network(), identity.tenant());
  }

  /** Who in the domain has one of these addresses already, or null; the control thread. */
  public Station owner(BroadcastDomain<GuestDevice> domain, Iterable<InetAddress> addresses) {
    for (InetAddress address : addresses) {
      Station owner = byIp(domain, address);
      if (owner != null) {
        return owner;
      }
    }
    return null;
  }

  /**
   * Makes a guest reachable; the control thread.
   *
   * @return false if the tables are full
   */
  public boolean add(GuestDevice guest) {
    if (!addAddresses(guest, guest.identity)) {
      return false;
    }
    places.put(guest, guest.domain.add(guest));
    return true;
  }

  /**
   * Makes a station on another host reachable; the control thread.
   *
   * @return false if the tables are full
   */
  public boolean add(RemoteStation remote) {
    if (!addAddresses(remote, remote.identity)) {
      return false;
    }
    Domain domain = domains.get(key(remote.identity));
    domain.remotes.add(remote);
    domain.showHops();
    return true;
  }

  /** Forgets a guest; the control thread. Workers may still hold it until they are quiescent. */
  public void remove(GuestDevice guest) {
    int place = places.remove(guest);
    GuestDevice moved = guest.domain.remove(place);
    if (moved != null) {
      places.put(moved, place);
    }
    removeAddresses(guest, guest.identity);
    forgetIfEmpty(guest.identity);
  }

  /** Forgets a station on another host; as for guests, workers may still hold it for a moment. */
  public void remove(RemoteStation remote) {
    Domain domain = domains.get(key(remote.identity));
    domain.remotes.remove(remote);
    domain.showHops();
    removeAddresses(remote, remote.identity);
    forgetIfEmpty(remote.identity);
  }

  private void forgetIfEmpty(GuestIdentity identity) {
    if (domains.get(key(identity)).isEmpty()) {
      domains.remove(key(identity));
    }
  }

  private boolean addAddresses(Station station, GuestIdentity identity) {
    if (!byMac.add(identity.network(), 0, identity.mac().bits(), station)) {
      return false;
    }
    for (InetAddress address : identity.addresses()) {
      int domain = station.domain().number();
      boolean added =
          address instanceof Inet4Address
              ? byIp.add(domain, 0, ipv4Key(SourceCheck.ipv4(address)), station)
              : byIp.add(domain, SourceCheck.high(address), SourceCheck.low(address), station);
      if (!added) {
        removeAddresses(station, identity);
        return false;
      }
    }
    return true;
  }

  private void removeAddresses(Station station, GuestIdentity identity) {
    byMac.remove(identity.network(), 0, identity.mac().bits());
    int domain = station.domain().number();
    for (InetAddress address : identity.addresses()) {
      if (byIp(station.domain(), address) != station) {
        continue;
      }
      if (address instanceof Inet4Address) {
        byIp.remove(domain, 0, ipv4Key(SourceCheck.ipv4(address)));
      } else {
        byIp.remove(domain, SourceCheck.high(address), SourceCheck.low(address));
      }
    }
  }
}
