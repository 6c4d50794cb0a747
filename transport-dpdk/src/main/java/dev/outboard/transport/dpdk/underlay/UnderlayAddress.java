package dev.outboard.transport.dpdk.underlay;

import dev.outboard.packet.Ethernet;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.TransportException;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Who this host is on the underlay, checked.
 *
 * @param mac of the device
 * @param address that peers send to
 * @param prefixLength how many bits of it all on the link have in common
 * @param gateway where everything else goes, or null if there is nothing else
 * @param port the UDP port that VXLAN arrives at
 */
public record UnderlayAddress(
    long mac, InetAddress address, int prefixLength, InetAddress gateway, int port) {

  /**
   * Reads what users write.
   *
   * @param address as {@code 192.0.2.7/24} or {@code 2001:db8::7/64}
   * @param gateway an address on the link, for IPv6 also a link-local one; empty if there is none
   * @throws TransportException in one line
   */
  public static UnderlayAddress parse(long mac, String address, String gateway, int port)
      throws TransportException {
    String text = address.trim();
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new TransportException(
          text.isEmpty()
              ? "address is missing: the address of this host that peers send to, as 192.0.2.7/24"
              : "address: '%s' has no prefix length; write it as 192.0.2.7/24".formatted(text));
    }
    InetAddress own = host("address", text.substring(0, slash));
    int most = own instanceof Inet6Address ? 128 : 32;
    int prefix = prefix(text, text.substring(slash + 1), most);
    UnderlayAddress underlay = new UnderlayAddress(mac, own, prefix, null, port);
    return gateway.isBlank() ? underlay : underlay.withGateway(host("gateway", gateway.trim()));
  }

  private static InetAddress host(String setting, String text) throws TransportException {
    try {
      Endpoint endpoint = Endpoint.parse(text, 0);
      if (endpoint.port() != 0) {
        throw new TransportException("'" + text + "' has a port; write it as port:");
      }
      return endpoint.address();
    } catch (TransportException e) {
      throw new TransportException(setting + ": " + e.getMessage(), e);
    }
  }

  private static int prefix(String text, String number, int most) throws TransportException {
    try {
      int prefix = Integer.parseInt(number);
      if (prefix > 0 && prefix <= most) {
        return prefix;
      }
    } catch (NumberFormatException e) {
      throw new TransportException("address: '" + text + "': the prefix length is not a number", e);
    }
    throw new TransportException(
        "address: '%s': a prefix length is a number from 1 to %d".formatted(text, most));
  }

  private UnderlayAddress withGateway(InetAddress other) throws TransportException {
    boolean sameFamily = other instanceof Inet6Address == isIpv6();
    if (!sameFamily || other.equals(address) || !isOnLink(other)) {
      throw new TransportException(
          "gateway: %s is no other host on the link of %s"
              .formatted(other.getHostAddress(), text()));
    }
    return new UnderlayAddress(mac, address, prefixLength, other, port);
  }

  /** Whether the address is an IPv6 one; so are all peers' then. */
  public boolean isIpv6() {
    return address instanceof Inet6Address;
  }

  /** Who has to be asked for the MAC address that frames to a peer go to. */
  InetAddress neighbourOf(InetAddress peer) throws TransportException {
    if (peer.equals(address)) {
      throw new TransportException(peer.getHostAddress() + " is this host's own address");
    }
    if (isOnLink(peer)) {
      return peer;
    }
    if (gateway == null) {
      throw new TransportException(
          "%s is not on the link of %s; set gateway:".formatted(peer.getHostAddress(), text()));
    }
    return gateway;
  }

  private boolean isOnLink(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] its = other.getAddress();
    if (other instanceof Inet6Address && other.isLinkLocalAddress()) {
      return true;
    }
    for (int bit = 0; bit < prefixLength; bit++) {
      if (((mine[bit / 8] ^ its[bit / 8]) & 0x80 >> bit % 8) != 0) {
        return false;
      }
    }
    return true;
  }

  private String text() {
    return address.getHostAddress() + "/" + prefixLength;
  }

  long high() {
    return Endpoint.high(address);
  }

  long low() {
    return Endpoint.low(address);
  }

  /** Whether frames may claim to come from this MAC address. */
  boolean canBeSomebody(long other) {
    return other != 0 && other != mac && !Ethernet.isGroup(other);
  }
}
