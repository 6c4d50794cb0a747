package dev.outboard.transport.kerneltcp;

import dev.outboard.packet.peers.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;

/**
 * Gives connections that have come in, and know the secret, to the ports: each to the one that has
 * the fewest. They wait a little while there is no port. The loop's.
 */
final class Arrivals {
  private record Waiting(TrunkStream stream, Endpoint peer) {}

  private final ControlLoop loop;
  private final TcpSettings settings;
  private final ConnectionCounts counts;
  private final List<TrunkPort> ports = new ArrayList<>();
  private final Queue<Waiting> waiting = new ArrayDeque<>();

  Arrivals(ControlLoop loop, TcpSettings settings, ConnectionCounts counts) {
    this.loop = loop;
    this.settings = settings;
    this.counts = counts;
  }

  void add(TrunkPort port) {
    ports.add(port);
    List<Waiting> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(each -> arrive(each.stream, each.peer));
  }

  void remove(TrunkPort port) {
    ports.remove(port);
  }

  void arrive(TrunkStream stream, Endpoint peer) {
    TrunkPort least =
        ports.stream().min(Comparator.comparingInt(port -> port.inbound)).orElse(null);
    if (least != null && least.inbound < settings.inbound()) {
      least.inbound++;
      give(least, stream, peer);
    } else if (least == null && waiting.size() < settings.inbound()) {
      await(new Waiting(stream, peer));
    } else {
      refuse(stream);
    }
  }

  private void give(TrunkPort port, TrunkStream stream, Endpoint peer) {
    port.mailbox.post(
        new Mailbox.Letter() {
          @Override
          public void deliver() {
            port.receiver.adopt(stream, peer);
          }

          @Override
          public void giveBack() {
            stream.close();
          }
        });
  }

  private void await(Waiting arrival) {
    waiting.add(arrival);
    loop.executeAt(
        loop.nanoTime() + settings.handshakeMillis() * 1_000_000L,
        () -> {
          if (waiting.remove(arrival)) {
            refuse(arrival.stream);
          }
        });
  }

  private void refuse(TrunkStream stream) {
    counts.noRoom.increment();
    stream.close();
  }

  /** Has each port that has connections look for those that do not go on; again and again. */
  void watchStalled() {
    long nanos = settings.stallMillis() * 1_000_000L;
    for (TrunkPort port : ports) {
      if (port.inbound > 0) {
        port.mailbox.post(() -> port.receiver.checkStalled(System.nanoTime(), nanos));
      }
    }
    loop.executeAt(loop.nanoTime() + nanos / 2, this::watchStalled);
  }

  void close() {
    waiting.forEach(each -> each.stream.close());
    waiting.clear();
  }
}
