package dev.outboard.testkit.loopback;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.Peers;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import java.util.Arrays;

/** An open uplink of all guests. Control thread, but {@link #mailbox}. */
final class SharedLoopback implements Transport {
  static final int MOST_FRAGMENTS = 64;

  private final TransportContext context;
  private final Switchboard switchboard;
  private final String endpoint;
  private final int mtu;
  private final boolean holds;
  private final Peers<String> peers = new Peers<>();
  private volatile LoopbackPort[] ports = new LoopbackPort[0];

  SharedLoopback(
      TransportContext context, Switchboard switchboard, String endpoint, int mtu, boolean holds)
      throws TransportException {
    this.context = context;
    this.switchboard = switchboard;
    this.endpoint = endpoint;
    this.mtu = mtu;
    this.holds = holds;
    switchboard.enter(endpoint, this);
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.shared(mtu, MOST_FRAGMENTS).withHoldsFrames(holds);
  }

  @Override
  public SharedPort openSharedPort(int worker) {
    LoopbackPort port = new LoopbackPort(this, context, switchboard, peers, endpoint, holds);
    LoopbackPort[] more = Arrays.copyOf(ports, ports.length + 1);
    more[ports.length] = port;
    ports = more;
    return port;
  }

  void closed(LoopbackPort port) {
    ports = Arrays.stream(ports).filter(one -> one != port).toArray(LoopbackPort[]::new);
  }

  /** Where frames of a flow come in; null if there is no port now. Any worker. */
  Mailbox mailbox(int flowHash) {
    LoopbackPort[] all = ports;
    return all.length == 0 ? null : all[Math.floorMod(flowHash, all.length)].mailbox();
  }

  @Override
  public NextHop openPeer(int network, String text) throws TransportException {
    return peers.open(network, LoopbackProvider.endpoint(text));
  }

  @Override
  public void close() {
    switchboard.leave(endpoint);
  }
}
