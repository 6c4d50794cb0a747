package dev.outboard.transport.iouring;

import dev.outboard.linux.Errno;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.UdpSocket;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import java.util.ArrayList;
import java.util.List;

/** An open {@code iouring} uplink. Control thread. */
final class VxlanTransport implements Transport {
  /** As many as fit one message, beside the VXLAN header. */
  private static final int MAX_FRAGMENTS = 1000;

  private final TransportContext context;
  private final UplinkSettings settings;
  private final NextHops hops;

  VxlanTransport(TransportContext context, UplinkSettings settings) throws TransportException {
    this.context = context;
    this.settings = settings;
    if (!context.isTakingOver()) {
      checkPort();
    }
    hops = new NextHops(settings.isIpv6());
  }

  /**
   * Ports share the UDP port among themselves; another process of this user could share it, too,
   * and would take a part of the datagrams. So it must be free of others at the start.
   */
  private void checkPort() throws TransportException {
    try (UdpSocket probe = new UdpSocket(settings.address())) {
      bind(probe, settings.port());
    } catch (LinuxException e) {
      throw explain(e);
    }
  }

  private void bind(UdpSocket socket, int port) throws LinuxException {
    if (!settings.device().isEmpty()) {
      socket.bindToDevice(settings.device());
    }
    socket.bind(settings.address(), port);
  }

  private TransportException explain(LinuxException e) {
    String host = settings.address().getHostAddress();
    String why =
        switch (e.errno()) {
          case Errno.EADDRINUSE ->
              "UDP port %d of %s is taken, by another sidecar or a vxlan device of the kernel; stop that or set port:"
                  .formatted(settings.port(), host);
          case Errno.EADDRNOTAVAIL -> "no interface of this host has the address " + host;
          default -> e.getMessage();
        };
    return new TransportException(why, e);
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.shared(settings.mtu(), MAX_FRAGMENTS)
        .withHoldsFrames(settings.zeroCopy() > 0);
  }

  @Override
  public SharedPort openSharedPort(int worker) throws TransportException {
    List<UdpSocket> sockets = new ArrayList<>();
    try {
      UdpSocket receiving = receivingSocket(sockets);
      for (int i = 0; i < settings.sourcePorts(); i++) {
        sendingSocket(sockets);
      }
      return port(receiving, sockets.subList(1, sockets.size()));
    } catch (LinuxException e) {
      sockets.forEach(UdpSocket::close);
      throw explain(e);
    }
  }

  private VxlanPort port(UdpSocket receiving, List<UdpSocket> sending) throws LinuxException {
    Drops drops = new Drops(context);
    Sender sender =
        new Sender(
            hops,
            drops,
            sending,
            settings.longestDatagram(),
            settings.zeroCopy() > 0 ? new ZeroCopy(settings.zeroCopy()) : null);
    try {
      return new VxlanPort(
          sender,
          new Receiver(hops, drops, receiving, context.regions(), settings.receiveBuffers()));
    } catch (LinuxException e) {
      sender.close();
      throw e;
    }
  }

  private UdpSocket receivingSocket(List<UdpSocket> all) throws LinuxException {
    UdpSocket socket = new UdpSocket(settings.address());
    all.add(socket);
    socket.sharePort();
    socket.acceptMissingChecksums();
    if (settings.coalesce()) {
      socket.receiveCoalesced();
    }
    int _ = socket.receiveBuffer(settings.receiveBytes());
    bind(socket, settings.port());
    return socket;
  }

  private void sendingSocket(List<UdpSocket> all) throws LinuxException {
    UdpSocket socket = new UdpSocket(settings.address());
    all.add(socket);
    socket.sendOnly();
    int _ = socket.sendBuffer(settings.sendBytes());
    socket.oversize(settings.fragments() ? UdpSocket.Oversize.FRAGMENT : UdpSocket.Oversize.REFUSE);
    bind(socket, 0);
  }

  @Override
  public NextHop openPeer(int network, String endpoint) throws TransportException {
    return hops.open(network, Endpoint.parse(endpoint, settings.port()));
  }

  @Override
  public void close() {
    hops.close();
  }
}
