package dev.outboard.linux;

import static dev.outboard.linux.Native.INT;
import static dev.outboard.linux.Native.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's network devices, without an {@code ip} process: bridges, their ports, what is up.
 * Cold; any thread. Every call works in the network namespace of the <em>calling thread</em>, which
 * is why nothing here is read from {@code /sys/class/net}: that shows the namespace in which sysfs
 * was mounted.
 */
public final class Links {
  /** Forward delay, STP and multicast snooping among the attributes of a bridge. */
  private static final int FORWARD_DELAY = 1;

  private static final int STP_STATE = 5;
  private static final int MULTICAST_SNOOPING = 23;
  private static final String BRIDGE = "bridge";

  private static final MethodHandle NAME_TO_INDEX = Native.bind("if_nametoindex", INT, POINTER);

  private Links() {}

  /** Makes a bridge without alias, as {@link #createBridge(String, String, int, long)}. */
  public static void createBridge(String name) throws LinuxException {
    createBridge(name, "", 1500, 0);
  }

  /**
   * Makes a bridge that forwards from the first moment and says nothing of its own: no spanning
   * tree, no forward delay, no multicast snooping. It is down. Bridge and alias come in one call of
   * the kernel: not even a kill leaves a bridge whose owner is unknown.
   *
   * @param mac the bridge's own address; 0 lets the kernel choose, and choose again with each port
   */
  public static void createBridge(String name, String alias, int mtu, long mac)
      throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = netlink.message();
      int create = LinkMessage.CREATE | LinkMessage.EXCLUSIVE;
      message
          .begin(LinkMessage.NEW_LINK, LinkMessage.REQUEST | LinkMessage.ACKNOWLEDGE | create, 0)
          .put(LinkMessage.NAME, name)
          .put(LinkMessage.MTU, mtu);
      if (mac != 0) {
        message.putMac(LinkMessage.ADDRESS, mac);
      }
      int info = message.openAttribute(LinkMessage.INFO);
      message.put(LinkMessage.INFO_KIND, BRIDGE);
      int data = message.openAttribute(LinkMessage.INFO_DATA);
      message
          .put(FORWARD_DELAY, 0)
          .put(STP_STATE, 0)
          .putByte(MULTICAST_SNOOPING, 0)
          .closeAttribute(data)
          .closeAttribute(info);
      if (!alias.isEmpty()) {
        change(message, name).put(LinkMessage.ALIAS, alias);
      }
      LinuxException.check(netlink.request(message), "create bridge " + name);
    }
  }

  /**
   * Deletes a bridge; its ports stay, detached. EINVAL if it is no bridge, ENODEV if it is gone.
   */
  public static void deleteBridge(String name) throws LinuxException {
    Link link = find(name).orElseThrow(() -> gone("delete bridge " + name));
    if (!link.kind().equals(BRIDGE)) {
      throw new LinuxException("delete bridge " + name + ", which is no bridge", Errno.EINVAL);
    }
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = netlink.message();
      message.begin(
          LinkMessage.DELETE_LINK, LinkMessage.REQUEST | LinkMessage.ACKNOWLEDGE, link.index());
      LinuxException.check(netlink.request(message), "delete bridge " + name);
    }
  }

  /** Makes a device a port of a bridge. EXFULL: it has 1,023 ports, and takes no more. */
  public static void addToBridge(String bridge, String port) throws LinuxException {
    int index = index(bridge);
    if (index == 0) {
      throw gone("add " + port + " to bridge " + bridge);
    }
    apply(port, LinkMessage.MASTER, index, "add " + port + " to bridge " + bridge);
  }

  /** Takes a device out of the bridge it is a port of, if it is one. */
  public static void removeFromBridge(String port) throws LinuxException {
    apply(port, LinkMessage.MASTER, 0, "remove " + port + " from its bridge");
  }

  /** Sets a device up. */
  public static void setUp(String name) throws LinuxException {
    setUp(name, true);
  }

  /** Sets a device down. */
  public static void setDown(String name) throws LinuxException {
    setUp(name, false);
  }

  private static void setUp(String name, boolean up) throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message =
          change(netlink.message(), name).flags(LinkMessage.UP, up ? LinkMessage.UP : 0);
      LinuxException.check(netlink.request(message), "set " + name + (up ? " up" : " down"));
    }
  }

  /** Sets the largest payload of a device. */
  public static void setMtu(String name, int mtu) throws LinuxException {
    apply(name, LinkMessage.MTU, mtu, "set MTU " + mtu + " of " + name);
  }

  /** Sets a device's address, given in the lower 48 bits. */
  public static void setMac(String name, long mac) throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = change(netlink.message(), name).putMac(LinkMessage.ADDRESS, mac);
      LinuxException.check(netlink.request(message), "set the MAC address of " + name);
    }
  }

  /** Puts a free text of up to 255 bytes on a device. */
  public static void setAlias(String name, String alias) throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = change(netlink.message(), name).put(LinkMessage.ALIAS, alias);
      LinuxException.check(netlink.request(message), "set the alias of " + name);
    }
  }

  /** The text that {@link #setAlias} has put there; empty if none. */
  public static String alias(String name) throws LinuxException {
    return find(name).orElseThrow(() -> gone("alias of " + name)).alias();
  }

  /** The kernel's number for a device, 0 if there is none of that name. */
  public static int index(String name) {
    try (Arena arena = Arena.ofConfined()) {
      long text = Native.string(arena, name).address();
      return (int) NAME_TO_INDEX.invokeExact(Native.callState(), text);
    } catch (Throwable thrown) {
      throw Native.unexpected(thrown);
    }
  }

  /** Puts a device into a group, for {@link #deleteGroup}. */
  public static void setGroup(String name, int group) throws LinuxException {
    apply(name, LinkMessage.GROUP, group, "set the group of " + name);
  }

  /**
   * Deletes all devices of a group (not 0) at once: one by one the kernel takes some 16 ms for
   * each. Whoever else put devices there loses them, so choose the number well and look first.
   */
  public static void deleteGroup(int group) throws LinuxException {
    if (group == 0) {
      throw new LinuxException("delete the devices of group 0", Errno.EINVAL);
    }
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = netlink.message();
      message
          .begin(LinkMessage.DELETE_LINK, LinkMessage.REQUEST | LinkMessage.ACKNOWLEDGE, 0)
          .put(LinkMessage.GROUP, group);
      LinuxException.check(netlink.request(message), "delete the devices of group " + group);
    }
  }

  /** All devices. */
  public static List<Link> all() throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      return netlink.dump("", 0);
    }
  }

  /** What the kernel says about a device of this name, if there is one. */
  public static Optional<Link> find(String name) throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = netlink.message();
      int flags = LinkMessage.REQUEST | LinkMessage.ACKNOWLEDGE;
      message.begin(LinkMessage.GET_LINK, flags, 0).put(LinkMessage.NAME, name);
      List<Link> found = new ArrayList<>();
      int result = netlink.query(message, found);
      if (result == -Errno.ENODEV) {
        return Optional.empty();
      }
      LinuxException.check(result, "look up network device " + name);
      return found.stream().findFirst();
    }
  }

  /** The device that has this address, if there is one. */
  public static Optional<Link> withAddress(InetAddress address) throws LinuxException {
    int[] index = {0};
    try (Netlink netlink = new Netlink()) {
      int flags = LinkMessage.REQUEST | LinkMessage.DUMP;
      LinkMessage message = netlink.message().begin(LinkMessage.GET_ADDRESS, flags, 0);
      int result =
          netlink.query(
              message,
              (MemorySegment answer) -> {
                DeviceAddress found = DeviceAddress.read(answer);
                if (found.covers(address.getAddress())) {
                  index[0] = found.index();
                }
              });
      LinuxException.check(result, "list the addresses of this host");
    }
    return all().stream().filter(link -> link.index() == index[0]).findFirst();
  }

  /** All bridges. */
  public static List<Link> bridges() throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      return netlink.dump(BRIDGE, 0);
    }
  }

  /** The names of a bridge's ports; the cost grows with the number of devices. */
  public static List<String> bridgeMembers(String bridge) throws LinuxException {
    int index = index(bridge);
    if (index == 0) {
      throw gone("ports of bridge " + bridge);
    }
    try (Netlink netlink = new Netlink()) {
      return netlink.dump("", index).stream().map(Link::name).toList();
    }
  }

  /**
   * Switches IPv6 off on a device, so that the host's stack takes no address and sends nothing
   * there. To be done before the device is up. No error where the kernel has no IPv6.
   */
  public static void disableIpv6(String name) throws LinuxException {
    writeSetting(Path.of("/proc/sys/net/ipv6/conf", name, "disable_ipv6"), "1");
  }

  /**
   * Keeps the host's own stack off a device, before it is set up: no IPv6, no ARP, and IPv4 packets
   * that come from it are refused by their source, as long as it has no address of its own.
   */
  public static void keepHostOff(String name) throws LinuxException {
    disableIpv6(name);
    writeSetting(Path.of("/proc/sys/net/ipv4/conf", name, "rp_filter"), "1");
    try (Netlink netlink = new Netlink()) {
      LinkMessage message =
          change(netlink.message(), name).flags(LinkMessage.NO_ARP, LinkMessage.NO_ARP);
      LinuxException.check(netlink.request(message), "switch ARP off on " + name);
    }
  }

  private static void writeSetting(Path file, String value) throws LinuxException {
    if (!Files.exists(file)) {
      return;
    }
    try {
      Files.writeString(file, value);
    } catch (IOException e) {
      throw new LinuxException(
          "cannot write " + value + " to " + file + ": " + e.getMessage(), Errno.EIO, e);
    }
  }

  static LinkMessage change(LinkMessage message, String name) {
    int flags = LinkMessage.REQUEST | LinkMessage.ACKNOWLEDGE;
    return message.begin(LinkMessage.SET_LINK, flags, 0).put(LinkMessage.NAME, name);
  }

  private static void apply(String name, int attribute, int value, String operation)
      throws LinuxException {
    try (Netlink netlink = new Netlink()) {
      LinkMessage message = change(netlink.message(), name).put(attribute, value);
      LinuxException.check(netlink.request(message), operation);
    }
  }

  private static LinuxException gone(String operation) {
    return new LinuxException(operation, Errno.ENODEV);
  }
}
