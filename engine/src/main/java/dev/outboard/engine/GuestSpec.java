package dev.outboard.engine;

import dev.outboard.spi.MacAddress;
import dev.outboard.spi.Priority;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What is declared of a guest before it may connect.
 *
 * @param id unique name
 * @param tenant who owns it; guests of other tenants are out of its reach
 * @param network the network's number (VNI), 24 bits
 * @param mac its only source address
 * @param addresses its only IP addresses; if empty, any source address is let through
 * @param socket where its VMM speaks vhost-user with us
 * @param mtu the largest payload of an Ethernet frame in its network, in bytes
 * @param uplink the name of the uplink for what is not delivered by shared memory
 * @param localForwarding whether frames to guests of this host take shared memory
 * @param frontend what kind of VMM it has
 * @param queuePairs how many queue pairs its driver may use
 * @param ring which layout of virtqueues it is offered
 * @param guestClass what kind of guest it is, for routes to choose by
 * @param priority how urgent its frames are where they wait for others
 */
public record GuestSpec(
    String id,
    String tenant,
    int network,
    MacAddress mac,
    List<InetAddress> addresses,
    GuestSocket socket,
    int mtu,
    Optional<String> uplink,
    boolean localForwarding,
    Frontend frontend,
    int queuePairs,
    RingLayout ring,
    String guestClass,
    Priority priority) {

  /** The class of guests of which none is said. */
  public static final String DEFAULT_CLASS = "default";

  /** The same guest, whose frames take another way. */
  public GuestSpec onWay(Optional<String> nextUplink, boolean nextLocalForwarding) {
    return new GuestSpec(
        id,
        tenant,
        network,
        mac,
        addresses,
        socket,
        mtu,
        nextUplink,
        nextLocalForwarding,
        frontend,
        queuePairs,
        ring,
        guestClass,
        priority);
  }

  /** The same guest, offered this layout of virtqueues. */
  public GuestSpec withRing(RingLayout layout) {
    return new GuestSpec(
        id,
        tenant,
        network,
        mac,
        addresses,
        socket,
        mtu,
        uplink,
        localForwarding,
        frontend,
        queuePairs,
        layout,
        guestClass,
        priority);
  }

  /** The same guest, whose frames are so urgent. */
  public GuestSpec withPriority(Priority next) {
    return new GuestSpec(
        id,
        tenant,
        network,
        mac,
        addresses,
        socket,
        mtu,
        uplink,
        localForwarding,
        frontend,
        queuePairs,
        ring,
        guestClass,
        next);
  }

  /** Takes a private copy of the addresses. */
  public GuestSpec {
    addresses = List.copyOf(addresses);
  }

  /** A guest with one queue pair, of whose VMM nothing is said. */
  public GuestSpec(
      String id,
      String tenant,
      int network,
      MacAddress mac,
      List<InetAddress> addresses,
      GuestSocket socket,
      int mtu,
      Optional<String> uplink,
      boolean localForwarding) {
    this(
        id,
        tenant,
        network,
        mac,
        addresses,
        socket,
        mtu,
        uplink,
        localForwarding,
        Frontend.GENERIC,
        1);
  }

  /** A guest of the default class and of standard priority. */
  public GuestSpec(
      String id,
      String tenant,
      int network,
      MacAddress mac,
      List<InetAddress> addresses,
      GuestSocket socket,
      int mtu,
      Optional<String> uplink,
      boolean localForwarding,
      Frontend frontend,
      int queuePairs) {
    this(
        id,
        tenant,
        network,
        mac,
        addresses,
        socket,
        mtu,
        uplink,
        localForwarding,
        frontend,
        queuePairs,
        RingLayout.AUTO,
        DEFAULT_CLASS,
        Priority.STANDARD);
  }
}
