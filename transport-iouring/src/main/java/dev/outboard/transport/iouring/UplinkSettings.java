package dev.outboard.transport.iouring;

import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Vxlan;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/**
 * What users set for an uplink, checked, and what follows from it. Made by the control thread.
 *
 * @param underlayMtu of the interface that has the address
 * @param mtu the payload of an Ethernet frame inside
 */
record UplinkSettings(
    InetAddress address,
    int port,
    String device,
    int sourcePorts,
    int underlayMtu,
    int mtu,
    boolean coalesce,
    int receiveBuffers,
    int receiveBytes,
    int sendBytes,
    int zeroCopy) {
  static final List<Setting> ALL =
      List.of(
          new Setting(
              "address",
              Setting.Type.TEXT,
              "",
              "The address of this host that peers send to, IPv4 or IPv6; peers have the same kind."
                  + " Required."),
          new Setting("port", Setting.Type.NUMBER, "4789", "The UDP port of all hosts."),
          new Setting(
              "device",
              Setting.Type.TEXT,
              "",
              "Send and receive by this network device only, whatever the routes say; empty: any."),
          new Setting(
              "source-ports",
              Setting.Type.NUMBER,
              "8",
              "How many source ports each worker spreads its flows over (1 to 64), for networks"
                  + " that choose paths or queues by port."),
          new Setting(
              "mtu",
              Setting.Type.NUMBER,
              "0",
              "The largest payload of an Ethernet frame inside; 0: what the interface with the"
                  + " address carries without fragments. A larger one makes the kernel send"
                  + " fragments."),
          new Setting(
              "coalesce",
              Setting.Type.FLAG,
              "true",
              "Whether the kernel may hand over datagrams of a flow joined. It costs far less; but"
                  + " what a full socket drops joined is counted as one."),
          new Setting(
              "receive-buffers",
              Setting.Type.NUMBER,
              "64",
              "Buffers of 72 KiB per worker for what has arrived; a power of 2 from 8 to 4096."),
          new Setting(
              "receive-bytes",
              Setting.Type.NUMBER,
              "8388608",
              "Bytes that may wait in each receiving socket; the kernel counts its own overhead."),
          new Setting(
              "send-bytes",
              Setting.Type.NUMBER,
              "4194304",
              "Bytes that may wait in each sending socket."),
          new Setting(
              "zero-copy",
              Setting.Type.NUMBER,
              "0",
              "Messages of at least so many bytes are sent from guest memory without a copy; 0:"
                  + " none. Pays with a NIC only, see docs/iouring.md."));

  private static final int MOST_SOURCE_PORTS = 64;
  private static final int FEWEST_BUFFERS = 8;
  private static final int MOST_BUFFERS = 4096;
  private static final int MOST_PORT = 0xffff;

  /** IP and UDP. */
  private static final int HEADERS4 = 20 + 8;

  private static final int HEADERS6 = 40 + 8;

  /** What is around a payload in the tunnel: VXLAN and Ethernet. */
  private static final int INNER = Vxlan.HEADER + Ethernet.HEADER;

  static UplinkSettings of(TransportContext context) throws TransportException {
    InetAddress address = address(context);
    int underlayMtu = underlayMtu(address);
    int most = Sender.MOST_BYTES - INNER;
    int mtu = context.number("mtu", 0, most);
    if (mtu == 0) {
      mtu = Math.min(underlayMtu - headers(address) - INNER, most);
    }
    if (mtu < Capabilities.LEAST_MTU) {
      throw new TransportException(
          "mtu: %d bytes are too few; the interface with %s has %d"
              .formatted(mtu, address.getHostAddress(), underlayMtu));
    }
    int buffers = context.number("receive-buffers", FEWEST_BUFFERS, MOST_BUFFERS);
    if (Integer.bitCount(buffers) != 1) {
      throw new TransportException("receive-buffers: " + buffers + " is not a power of 2");
    }
    return new UplinkSettings(
        address,
        context.number("port", 1, MOST_PORT),
        context.setting("device").trim(),
        context.number("source-ports", 1, MOST_SOURCE_PORTS),
        underlayMtu,
        mtu,
        Boolean.parseBoolean(context.setting("coalesce").trim()),
        buffers,
        context.number("receive-bytes", 1, Integer.MAX_VALUE / 2),
        context.number("send-bytes", 1, Integer.MAX_VALUE / 2),
        context.number("zero-copy", 0, Integer.MAX_VALUE / 2));
  }

  private static InetAddress address(TransportContext context) throws TransportException {
    String text = context.setting("address").trim();
    if (text.isEmpty()) {
      throw new TransportException(
          "address is missing: the address of this host that peers send to");
    }
    Endpoint endpoint = Endpoint.parse(text, 0);
    if (endpoint.port() != 0) {
      throw new TransportException("address: '" + text + "' has a port; write it as port:");
    }
    return endpoint.address();
  }

  private static int underlayMtu(InetAddress address) throws TransportException {
    try {
      return Links.withAddress(address)
          .orElseThrow(
              () ->
                  new TransportException(
                      "address: no interface of this host has " + address.getHostAddress()))
          .mtu();
    } catch (LinuxException e) {
      throw new TransportException("cannot read the interface's MTU: " + e.getMessage(), e);
    }
  }

  private static int headers(InetAddress address) {
    return address instanceof Inet6Address ? HEADERS6 : HEADERS4;
  }

  boolean isIpv6() {
    return address instanceof Inet6Address;
  }

  /** Whether the largest frames leave in fragments. */
  boolean fragments() {
    return mtu + INNER > longestDatagram();
  }

  /** The longest UDP payload that leaves whole. */
  int longestDatagram() {
    return Math.min(underlayMtu - headers(address), Sender.MOST_BYTES);
  }
}
