package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.LinuxException;
import dev.outboard.linux.TcpSocket;
import dev.outboard.packet.peers.Endpoint;
import dev.outboard.spi.Priority;
import dev.outboard.transport.kerneltcp.pool.ConnectionPool;
import dev.outboard.transport.kerneltcp.pool.LearnedSizing;
import dev.outboard.transport.kerneltcp.pool.Lease;
import dev.outboard.transport.kerneltcp.pool.PoolSettings;
import dev.outboard.transport.kerneltcp.pool.PressureSource;
import dev.outboard.transport.kerneltcp.pool.ServiceClass;
import dev.outboard.transport.kerneltcp.pool.Sizing;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A sidecar that frames are sent to: the pool of connections to it, and the lanes that want one.
 * Made by the control thread; the rest is the loop's.
 */
final class Peer {
  private static final long AGAIN_NANOS = 50_000_000;

  /** So many requests for a connection are to find one. */
  private static final double HIT_RATE = 0.99;

  /** A lane, the port that it belongs to, and whose frames it is for. */
  record Place(TrunkPort port, Lane lane, Priority priority) {
    /** Whether it gets a connection before it has frames: most guests are of this priority. */
    boolean isWantedAtOnce() {
      return priority == Priority.STANDARD;
    }

    private ServiceClass serviceClass() {
      return switch (priority) {
        case LATENCY -> ServiceClass.LATENCY;
        case STANDARD -> ServiceClass.STANDARD;
        case BULK -> ServiceClass.BULK;
      };
    }

    private int socketPriority() {
      return switch (priority) {
        case LATENCY -> TcpSocket.INTERACTIVE;
        case STANDARD -> TcpSocket.BEST_EFFORT;
        case BULK -> TcpSocket.BULK;
      };
    }
  }

  final Endpoint endpoint;
  private final ControlLoop loop;
  private final TcpSettings settings;
  private final ConnectionPool<Trunk> pool;
  private final PoolGauges gauges;
  private final Set<Place> wanting = new HashSet<>();
  private final Set<Place> places = new HashSet<>();
  private final Set<Handshake> openings = new HashSet<>();
  private final Set<Trunk> trunks = new HashSet<>();
  private boolean closed;

  Peer(
      Endpoint endpoint,
      ControlLoop loop,
      TcpSettings settings,
      int workers,
      PoolGauges gauges,
      PressureSource pressure) {
    this.endpoint = endpoint;
    this.loop = loop;
    this.settings = settings;
    this.gauges = gauges;
    // There is enough for every lane, so nobody has to leave room for others.
    long lanes = (long) workers * settings.connections() * Priority.values().length;
    int most = (int) Math.min(100_000, lanes + settings.spare());
    Duration patience = Duration.ofMillis(settings.handshakeMillis());
    pool =
        new ConnectionPool<>(
            new PoolSettings(
                endpoint.toString(),
                0,
                most,
                32,
                Duration.ofHours(1),
                Duration.ofSeconds(30),
                patience,
                0),
            this::connect,
            loop,
            Sizing.atLeast(settings.spare(), new LearnedSizing(HIT_RATE, most)),
            pressure);
    gauges.add(pool);
    loop.execute(this::watchUnused);
  }

  /** Has lanes give back what they don't use; again and again. */
  private void watchUnused() {
    if (!closed) {
      places.forEach(place -> place.port.mailbox.post(place.lane::restIfUnused));
      loop.executeAt(loop.nanoTime() + settings.idleMillis() * 1_000_000L, this::watchUnused);
    }
  }

  private CompletionStage<Trunk> connect() {
    CompletableFuture<Trunk> trunk = new CompletableFuture<>();
    try {
      TcpSocket socket =
          TcpSocket.connect(settings.local().address(), endpoint.address(), endpoint.port());
      if (settings.bufferBytes() > 0) {
        socket.buffers(settings.bufferBytes());
      }
      shake(socket, trunk);
    } catch (LinuxException e) {
      fail(trunk, e.getMessage());
    }
    return trunk;
  }

  private void shake(TcpSocket socket, CompletableFuture<Trunk> trunk) {
    Handshake[] self = new Handshake[1];
    self[0] =
        Handshake.connect(
            loop,
            settings,
            socket,
            endpoint,
            new Handshake.Outcome() {
              @Override
              public void shaken(TrunkStream shaken, Endpoint peer) {
                openings.remove(self[0]);
                Trunk made = new Trunk(loop, shaken, trunks::remove);
                trunks.add(made);
                made.watchIdle();
                trunk.complete(made);
              }

              @Override
              public void failed(Handshake.Failure why, String words) {
                openings.remove(self[0]);
                fail(trunk, words);
              }
            });
    openings.add(self[0]);
  }

  /** The pool will try again, later each time; until then nobody waits for it. */
  private void fail(CompletableFuture<Trunk> trunk, String words) {
    trunk.completeExceptionally(new IOException(words));
    for (Place place : wanting) {
      place.port.mailbox.post(place.lane::down);
      boolean _ = place.lane.settled.complete(null);
    }
  }

  /** The peer has connected to us, so it can be reached: it is not waited for any longer. */
  void isBack() {
    for (Place place : wanting) {
      place.port.mailbox.post(place.lane::back);
    }
    pool.retryNow();
  }

  /** A lane is there and wants a connection, now or with its first frame. */
  void add(Place place) {
    places.add(place);
    if (place.isWantedAtOnce()) {
      want(place);
    }
  }

  /** A lane wants no connection any more. */
  void remove(Place place) {
    places.remove(place);
    wanting.remove(place);
  }

  /** A lane wants a connection. */
  void want(Place place) {
    if (closed || !places.contains(place) || !wanting.add(place)) {
      return;
    }
    var _ =
        pool.acquire(place.serviceClass())
            .whenComplete(
                (lease, failure) -> {
                  boolean isWanted = wanting.remove(place);
                  if (lease == null) {
                    loop.executeAt(loop.nanoTime() + AGAIN_NANOS, () -> want(place));
                  } else if (!isWanted) {
                    lease.release();
                  } else {
                    offer(place, lease);
                  }
                });
  }

  private void offer(Place place, Lease<Trunk> lease) {
    Trunk trunk = lease.connection();
    gauges.lent(place.priority, 1);
    mark(trunk, place);
    trunk.watchLent(() -> place.port.mailbox.post(() -> place.lane.hungUp(trunk)));
    place.port.mailbox.post(
        new Mailbox.Letter() {
          @Override
          public void deliver() {
            place.lane.attach(lease);
          }

          @Override
          public void giveBack() {
            loop.execute(() -> takeBack(place, lease, Lane.End.CLOSED));
          }
        });
    boolean _ = place.lane.settled.complete(null);
  }

  /** Has the kernel know how urgent the frames are: it may let them pass others, or not. */
  private static void mark(Trunk trunk, Place place) {
    try {
      trunk.stream.socket().priority(place.socketPriority());
    } catch (LinuxException e) {
      // They pass without it.
    }
  }

  /** A lane lets its connection go. */
  void takeBack(Place place, Lease<Trunk> lease, Lane.End why) {
    gauges.lent(place.priority, -1);
    Trunk trunk = lease.connection();
    if (why == Lane.End.BROKEN) {
      trunk.end();
      lease.discard();
      want(place);
    } else {
      trunk.watchIdle();
      lease.release();
    }
  }

  /** Drains what is idle, the rest when it comes back. */
  CompletableFuture<Void> close() {
    closed = true;
    wanting.clear();
    List.copyOf(openings).forEach(each -> each.fail(Handshake.Failure.ENDED, "it is closed"));
    return pool.close().thenRun(() -> gauges.remove(pool));
  }

  /** Closes all at once, drained or not. */
  void abandon() {
    List.copyOf(openings).forEach(each -> each.fail(Handshake.Failure.ENDED, "it is closed"));
    List.copyOf(trunks).forEach(Trunk::close);
  }
}
