package dev.outboard.lab;

import java.util.List;

/**
 * The networks of two hosts and a wire between them: two namespaces and a veth pair, whose ends
 * have the same name. Both end with the test JVM, as {@link Namespace} says.
 */
public final class JoinedNamespaces implements AutoCloseable {
  /** The end of the wire, on either host. */
  public static final String LINK = "veth0";

  private final List<Namespace> hosts;

  private JoinedNamespaces(List<Namespace> hosts) {
    this.hosts = hosts;
  }

  /**
   * New ones, whose ends of the wire have an address each.
   *
   * @param mtu of the wire
   */
  public static JoinedNamespaces create(int mtu) {
    JoinedNamespaces joined = new JoinedNamespaces(List.of(Namespace.create(), Namespace.create()));
    String far = Long.toString(joined.hosts.get(1).pid());
    joined.host(0).ip("link", "add", LINK, "type", "veth", "peer", "name", LINK, "netns", far);
    for (int i = 0; i < 2; i++) {
      Namespace host = joined.host(i);
      host.ip("link", "set", LINK, "mtu", Integer.toString(mtu), "up");
      host.ip("address", "add", joined.address(i) + "/24", "dev", LINK);
      host.ip("address", "add", joined.address6(i) + "/64", "dev", LINK, "nodad");
    }
    return joined;
  }

  /** Takes the kernel's own addresses off both ends: then it says nothing by itself there. */
  public JoinedNamespaces silent() {
    silence(0);
    silence(1);
    return this;
  }

  /** The same at one end, where somebody else has the address. */
  public void silence(int host) {
    host(host).ip("link", "set", LINK, "addrgenmode", "none");
    host(host).ip("address", "flush", "dev", LINK);
  }

  /** The network of host 0 or 1. */
  public Namespace host(int number) {
    return hosts.get(number);
  }

  /** The address of a host's end of the wire. */
  public String address(int host) {
    return "192.0.2." + (host + 1);
  }

  /** Its IPv6 address. */
  public String address6(int host) {
    return "2001:db8::" + (host + 1);
  }

  @Override
  public void close() {
    hosts.forEach(Namespace::close);
  }
}
