package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.TcpSocket;
import dev.outboard.packet.peers.Endpoint;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Accepts connections and shakes hands, with so many at a time; what knows the secret is passed on.
 * The loop's.
 */
final class Listener {
  private static final int BATCH = 64;
  private static final long PAUSE_NANOS = 100_000_000;

  private final ControlLoop loop;
  private final TcpSettings settings;
  private final TcpSocket socket;
  private final ConnectionCounts counts;
  private final BiConsumer<TrunkStream, Endpoint> authenticated;
  private final Consumer<Endpoint> proved;
  private final Set<Handshake> halfOpen = new HashSet<>();
  private boolean closed;

  Listener(
      ControlLoop loop,
      TcpSettings settings,
      TcpSocket socket,
      ConnectionCounts counts,
      BiConsumer<TrunkStream, Endpoint> authenticated,
      Consumer<Endpoint> proved) {
    this.loop = loop;
    this.settings = settings;
    this.socket = socket;
    this.counts = counts;
    this.authenticated = authenticated;
    this.proved = proved;
  }

  void start() {
    if (closed) {
      return;
    }
    try {
      loop.watch(socket.fd(), Epoll.IN, this::accept);
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
  }

  private void accept() {
    try {
      TcpSocket incoming;
      for (int i = 0; i < BATCH && (incoming = socket.accept()) != null; i++) {
        if (halfOpen.size() == settings.halfOpen()) {
          counts.halfOpen.increment();
          incoming.close();
        } else {
          begin(incoming);
        }
      }
    } catch (LinuxException e) {
      // Out of descriptors, most likely: what waits would wake us at once, again and again.
      counts.noRoom.increment();
      loop.unwatch(socket.fd());
      loop.executeAt(loop.nanoTime() + PAUSE_NANOS, this::start);
    }
  }

  private void begin(TcpSocket incoming) {
    Handshake[] self = new Handshake[1];
    self[0] =
        Handshake.accept(
            loop,
            settings,
            incoming,
            new Handshake.Outcome() {
              @Override
              public void proved(Endpoint peer) {
                proved.accept(peer);
              }

              @Override
              public void shaken(TrunkStream shaken, Endpoint peer) {
                halfOpen.remove(self[0]);
                authenticated.accept(shaken, peer);
              }

              @Override
              public void failed(Handshake.Failure why, String words) {
                halfOpen.remove(self[0]);
                counter(why).increment();
              }
            });
    halfOpen.add(self[0]);
  }

  private LongAdder counter(Handshake.Failure why) {
    return switch (why) {
      case GARBAGE -> counts.garbage;
      case UNTRUSTED -> counts.untrusted;
      case OTHER_VERSION -> counts.version;
      case OTHER_ADDRESS -> counts.address;
      case WRONG_PROOF -> counts.proof;
      case TOO_SLOW -> counts.timeout;
      case ENDED -> counts.ended;
    };
  }

  void close() {
    closed = true;
    loop.unwatch(socket.fd());
    socket.close();
    for (Handshake each : List.copyOf(halfOpen)) {
      each.fail(Handshake.Failure.ENDED, "the uplink is closed");
    }
  }
}
