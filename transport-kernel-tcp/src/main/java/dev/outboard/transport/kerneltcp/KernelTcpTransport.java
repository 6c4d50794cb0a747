package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Errno;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.TcpSocket;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.Peers;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.transport.kerneltcp.pool.ProcessPressure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An open {@code kernel-tcp} uplink. Control thread; what sockets need happens on the loop. */
final class KernelTcpTransport implements Transport {
  private static final int OFFLOADS =
      Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6 | Offloads.USO;
  private static final int MOST_NETWORK = 0xff_ffff;
  private static final int BACKLOG = 1024;
  private static final long RETRY_NANOS = 50_000_000;

  /** How long a new port or peer waits for its connections. */
  private static final long CONNECTED_MILLIS = 100;

  /** The same the first time: the first handshakes of a process are slow. */
  private static final long FIRST_CONNECTED_MILLIS = 1000;

  private static final Duration PRESSURE_EVERY = Duration.ofSeconds(1);

  /** How long a closing uplink waits for its peers to take what was sent. */
  private static final long DRAIN_NANOS = 500_000_000;

  private final TransportContext context;
  private final TcpSettings settings;
  private final Peers<Endpoint> hops = new Peers<>();
  private final Map<Endpoint, Neighbour> neighbours = new HashMap<>();
  private final Map<TrunkPort, PortLanes> ports = new HashMap<>();

  /** By the number of each next hop where it leads. */
  private final Map<Integer, Endpoint> used = new HashMap<>();

  private final ControlLoop loop;
  private final ConnectionCounts counts;
  private final PoolGauges gauges;
  private final ProcessPressure pressure;
  private final Arrivals arrivals;

  /** The loop's. */
  private final Map<Endpoint, Peer> byEndpoint = new HashMap<>();

  private Listener listener;
  private boolean isClosing;
  private long patienceMillis = FIRST_CONNECTED_MILLIS;

  /** A peer, and how many next hops lead there. */
  private static final class Neighbour {
    final Peer peer;
    int users;

    Neighbour(Peer peer) {
      this.peer = peer;
    }
  }

  KernelTcpTransport(TransportContext context, TcpSettings settings) throws TransportException {
    this.context = context;
    this.settings = settings;
    counts = new ConnectionCounts(context);
    gauges = new PoolGauges(context);
    Credentials credentials = settings.credentials();
    if (credentials != null) {
      context.gauge("tls-handshakes-full", credentials::full);
      context.gauge("tls-handshakes-resumed", credentials::resumed);
    }
    TcpSocket socket = listen();
    try {
      pressure = ProcessPressure.watch(PRESSURE_EVERY);
    } catch (LinuxException e) {
      throw refused(socket, e);
    }
    try {
      loop = new ControlLoop("kernel-tcp " + context.uplink());
    } catch (LinuxException e) {
      pressure.close();
      throw refused(socket, e);
    }
    arrivals = new Arrivals(loop, settings, counts);
    loop.execute(() -> start(socket));
    loop.execute(arrivals::watchStalled);
  }

  private static TransportException refused(TcpSocket socket, LinuxException why) {
    if (socket != null) {
      socket.close();
    }
    return new TransportException(why.getMessage(), why);
  }

  /** The listening socket; null if the process that is about to go still has the port. */
  private TcpSocket listen() throws TransportException {
    Endpoint local = settings.local();
    try {
      return TcpSocket.listen(local.address(), local.port(), BACKLOG);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EADDRINUSE && context.isTakingOver()) {
        return null;
      }
      String why =
          switch (e.errno()) {
            case Errno.EADDRINUSE ->
                "TCP port %d of %s is taken; stop who has it or set port:"
                    .formatted(local.port(), local.address().getHostAddress());
            case Errno.EADDRNOTAVAIL ->
                "no interface of this host has the address " + local.address().getHostAddress();
            default -> e.getMessage();
          };
      throw new TransportException(why, e);
    }
  }

  private void start(TcpSocket socket) {
    if (socket != null) {
      listener = new Listener(loop, settings, socket, counts, arrivals::arrive, this::isBack);
      listener.start();
    } else if (!isClosing) {
      loop.executeAt(loop.nanoTime() + RETRY_NANOS, this::listenAgain);
    }
  }

  private void listenAgain() {
    try {
      start(isClosing ? null : listen());
    } catch (TransportException e) {
      context.failed(e.getMessage());
    }
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.shared(settings.mtu(), Sender.MOST_FRAGMENTS).withOffloads(OFFLOADS);
  }

  @Override
  public synchronized SharedPort openSharedPort(int worker) throws TransportException {
    TrunkPort port;
    try {
      port =
          new TrunkPort(
              new Drops(context, counts),
              hops,
              context.regions(),
              settings.inbound(),
              this::closePort);
    } catch (LinuxException e) {
      throw new TransportException(e.getMessage(), e);
    }
    try {
      PortLanes lanes = new PortLanes(port, loop, settings.connections());
      ports.put(port, lanes);
      List<CompletableFuture<Void>> settled = new ArrayList<>();
      for (Neighbour neighbour : neighbours.values()) {
        settled.add(lanes.add(neighbour.peer));
      }
      route();
      await(settled);
      port.receiver.onEnd(() -> loop.execute(() -> port.inbound--));
      loop.execute(() -> arrivals.add(port));
      return port;
    } catch (LinuxException e) {
      port.close();
      throw new TransportException(e.getMessage(), e);
    }
  }

  private synchronized void closePort(TrunkPort port) {
    loop.execute(() -> arrivals.remove(port));
    ports.remove(port).close();
  }

  @Override
  public synchronized NextHop openPeer(int network, String text) throws TransportException {
    Endpoint endpoint = Endpoint.parse(text, settings.local().port());
    if (endpoint.isIpv6() != settings.local().isIpv6()) {
      throw new TransportException(
          "%s can't be reached from an uplink with an IPv%d address"
              .formatted(endpoint, settings.local().isIpv6() ? 6 : 4));
    }
    if (network < 0 || network > MOST_NETWORK) {
      throw new TransportException("network " + network + " does not fit 24 bits");
    }
    Neighbour neighbour = neighbours.get(endpoint);
    if (neighbour == null) {
      neighbour =
          new Neighbour(new Peer(endpoint, loop, settings, context.workers(), gauges, pressure));
      List<CompletableFuture<Void>> settled = new ArrayList<>();
      for (PortLanes lanes : ports.values()) {
        try {
          settled.add(lanes.add(neighbour.peer));
        } catch (LinuxException e) {
          forget(neighbour.peer);
          throw new TransportException(e.getMessage(), e);
        }
      }
      neighbours.put(endpoint, neighbour);
      Peer peer = neighbour.peer;
      loop.execute(() -> byEndpoint.put(endpoint, peer));
      await(settled);
    }
    neighbour.users++;
    Use use = new Use(hops.open(network, endpoint), network, endpoint);
    used.merge(use.number(), endpoint, (_, same) -> same);
    route();
    return use;
  }

  /** Connections are there before frames are, unless a peer is slow. */
  private void await(List<CompletableFuture<Void>> settled) {
    if (settled.isEmpty()) {
      return;
    }
    try {
      Object _ =
          CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new))
              .get(patienceMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Frames will wait a little, and then be dropped and counted.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      patienceMillis = CONNECTED_MILLIS;
    }
  }

  /** A peer has connected to us. The loop. */
  private void isBack(Endpoint endpoint) {
    Peer peer = byEndpoint.get(endpoint);
    if (peer != null) {
      peer.isBack();
    }
  }

  private void route() {
    ports.values().forEach(lanes -> lanes.route(used));
  }

  private void forget(Peer peer) {
    ports.values().forEach(lanes -> lanes.remove(peer));
    loop.execute(
        () -> {
          byEndpoint.remove(peer.endpoint, peer);
          var _ = peer.close();
        });
  }

  private synchronized void close(Use use) {
    use.hop.close();
    if (hops.number(use.network, use.endpoint) == Peers.NONE) {
      used.remove(use.number());
      route();
    }
    Neighbour neighbour = neighbours.get(use.endpoint);
    if (--neighbour.users == 0) {
      neighbours.remove(use.endpoint);
      forget(neighbour.peer);
    }
  }

  @Override
  public synchronized void close() {
    Collection<Peer> peers = new ArrayList<>();
    neighbours.values().forEach(neighbour -> peers.add(neighbour.peer));
    loop.execute(() -> shutDown(peers));
    loop.close();
    pressure.close();
  }

  private void shutDown(Collection<Peer> peers) {
    isClosing = true;
    if (listener != null) {
      listener.close();
    }
    arrivals.close();
    List<CompletableFuture<Void>> closings = new ArrayList<>();
    peers.forEach(peer -> closings.add(peer.close()));
    Runnable end =
        () -> {
          peers.forEach(Peer::abandon);
          loop.stop();
        };
    var _ =
        CompletableFuture.allOf(closings.toArray(CompletableFuture[]::new))
            .thenRun(() -> loop.execute(end));
    loop.executeAt(loop.nanoTime() + DRAIN_NANOS, end);
  }

  /** One opening of a next hop; the same peer may have been opened several times. */
  private final class Use implements NextHop {
    private final NextHop hop;
    private final int network;
    private final Endpoint endpoint;
    private boolean closed;

    Use(NextHop hop, int network, Endpoint endpoint) {
      this.hop = hop;
      this.network = network;
      this.endpoint = endpoint;
    }

    @Override
    public int number() {
      return hop.number();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        KernelTcpTransport.this.close(this);
      }
    }
  }
}
