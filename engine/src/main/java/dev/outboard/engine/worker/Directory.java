package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.AddressTable;
import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.SourceCheck;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Who is where on this host: guests by (network, MAC) and by (network, tenant, IP address). Written
 * by the control thread, read by workers as frames pass. No step depends on the number of guests.
 */
public final class Directory {
  /** Distinguishes an IPv4 address from the lower half of an IPv6 one. */
  private static final long IPV4_MARK = 1L << 32;

  private static final int ADDRESSES_PER_GUEST = 4;

  private final AddressTable<GuestDevice> byMac;
  private final AddressTable<GuestDevice> byIp;
  private final Map<String, BroadcastDomain<GuestDevice>> domains = new HashMap<>();
  private final Map<GuestDevice, Integer> places = new HashMap<>();
  private int nextDomain;

  /** Tables for so many guests. */
  public Directory(int maxGuests) {
    byMac = new AddressTable<>(maxGuests);
    byIp = new AddressTable<>(maxGuests * ADDRESSES_PER_GUEST);
  }

  /** Who has a MAC address in a network, or null. Any thread. */
  public GuestDevice byMac(int network, long mac) {
    return byMac.find(network, 0, mac);
  }

  private static long ipv4Key(int address) {
    return (address & 0xffff_ffffL) | IPV4_MARK;
  }

  /** Who has an IPv4 address in a domain, or null. Any thread. */
  GuestDevice byIpv4(BroadcastDomain<GuestDevice> domain, int address) {
    return byIp.find(domain.number(), 0, ipv4Key(address));
  }

  /** Who has an IPv6 address in a domain, or null. Any thread. */
  GuestDevice byIpv6(BroadcastDomain<GuestDevice> domain, long high, long low) {
    return byIp.find(domain.number(), high, low);
  }

  private GuestDevice byIp(BroadcastDomain<GuestDevice> domain, InetAddress address) {
    return address instanceof Inet4Address
        ? byIpv4(domain, SourceCheck.ipv4(address))
        : byIpv6(domain, SourceCheck.high(address), SourceCheck.low(address));
  }

  /** The guests of one network and tenant; the control thread. */
  public BroadcastDomain<GuestDevice> domain(int network, String tenant) {
    return domains.computeIfAbsent(
        network + "/" + tenant, k -> new BroadcastDomain<>(nextDomain++));
  }

  /** Who in the domain has one of these addresses already, or null; the control thread. */
  public GuestDevice owner(BroadcastDomain<GuestDevice> domain, Iterable<InetAddress> addresses) {
    for (InetAddress address : addresses) {
      GuestDevice owner = byIp(domain, address);
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
    if (!byMac.add(guest.identity.network(), 0, guest.identity.mac().bits(), guest)) {
      return false;
    }
    for (InetAddress address : guest.identity.addresses()) {
      boolean added =
          address instanceof Inet4Address
              ? byIp.add(guest.domain.number(), 0, ipv4Key(SourceCheck.ipv4(address)), guest)
              : byIp.add(
                  guest.domain.number(),
                  SourceCheck.high(address),
                  SourceCheck.low(address),
                  guest);
      if (!added) {
        removeAddresses(guest);
        return false;
      }
    }
    places.put(guest, guest.domain.add(guest));
    return true;
  }

  /** Forgets a guest; the control thread. Workers may still hold it until they are quiescent. */
  public void remove(GuestDevice guest) {
    int place = places.remove(guest);
    GuestDevice moved = guest.domain.remove(place);
    if (moved != null) {
      places.put(moved, place);
    }
    if (guest.domain.count() == 0) {
      domains.remove(guest.identity.network() + "/" + guest.identity.tenant());
    }
    removeAddresses(guest);
  }

  private void removeAddresses(GuestDevice guest) {
    byMac.remove(guest.identity.network(), 0, guest.identity.mac().bits());
    for (InetAddress address : guest.identity.addresses()) {
      if (byIp(guest.domain, address) != guest) {
        continue;
      }
      if (address instanceof Inet4Address) {
        byIp.remove(guest.domain.number(), 0, ipv4Key(SourceCheck.ipv4(address)));
      } else {
        byIp.remove(guest.domain.number(), SourceCheck.high(address), SourceCheck.low(address));
      }
    }
  }
}
