package dev.outboard.linux;

/**
 * Puts TAPs of guests into bridges so that each hears only what is for its guest: the bridge knows
 * the guest's address from the start, learns none, and sends the port no frame for an unknown one.
 * Everything is done in one call of the kernel. Cold; any thread; in the network namespace of the
 * calling thread.
 */
public final class GuestPorts {
  private static final int LEARNING = 8;
  private static final int UNICAST_FLOOD = 9;

  private GuestPorts() {}

  /**
   * Makes a TAP that is down the port of a guest, and sets it up.
   *
   * @param bridge the index of the bridge
   * @param port the index of the TAP
   * @param mac the guest's address
   * @throws LinuxException EXFULL if the bridge has 1,023 ports; the TAP may then be up, so {@link
   *     #detach} it in any case
   */
  public static void attach(int bridge, int port, long mac, int mtu, String alias)
      throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = netlink.message();
      int flags = LinkMessage.REQUEST | LinkMessage.ACKNOWLEDGE;
      message
          .begin(LinkMessage.SET_LINK, flags, port)
          .put(LinkMessage.MTU, mtu)
          .put(LinkMessage.ALIAS, alias)
          .put(LinkMessage.MASTER, bridge);
      message.beginPort(port);
      int info = message.openAttribute(LinkMessage.PORT_INFO);
      message.putByte(LEARNING, 0).putByte(UNICAST_FLOOD, 0).closeAttribute(info);
      message.staticForwarding(port, mac);
      message.begin(LinkMessage.SET_LINK, flags, port).flags(LinkMessage.UP, LinkMessage.UP);
      LinuxException.check(netlink.request(message), "make TAP a port of its bridge");
    }
  }

  /** Sets the TAP down and takes it out of its bridge; the bridge forgets the guest's address. */
  public static void detach(int port) throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = netlink.message();
      message
          .begin(LinkMessage.SET_LINK, LinkMessage.REQUEST | LinkMessage.ACKNOWLEDGE, port)
          .flags(LinkMessage.UP, 0)
          .put(LinkMessage.MASTER, 0)
          .put(LinkMessage.ALIAS, "");
      LinuxException.check(netlink.request(message), "take TAP out of its bridge");
    }
  }
}
