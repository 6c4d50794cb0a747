package dev.outboard.testkit;

import dev.outboard.spi.NextHop;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportException;

/** An open transport, and the sidecar as it sees it. Control thread. */
final class Uplink {
  private final KitHost host;
  private final Side side;
  private final Transport transport;
  private boolean closed;

  Uplink(KitHost host, Side side, Transport transport) {
    this.host = host;
    this.side = side;
    this.transport = transport;
  }

  KitHost host() {
    return host;
  }

  Side side() {
    return side;
  }

  Transport transport() {
    return transport;
  }

  NextHop openPeer(int network, String endpoint) throws TransportException {
    return transport.openPeer(network, endpoint);
  }

  void close() {
    if (!closed) {
      closed = true;
      transport.close();
    }
  }
}
