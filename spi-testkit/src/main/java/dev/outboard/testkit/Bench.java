package dev.outboard.testkit;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FramePort;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a rule is tried on: uplinks, ports and workers, opened when they are asked for and cleared
 * away after the rule, however it went. Control thread.
 */
final class Bench implements AutoCloseable {
  /** The network that frames of most rules are in. */
  static final int NETWORK = 7;

  private final TransportKit kit;
  private final TransportProvider provider;
  private final List<Uplink> uplinks = new ArrayList<>();
  private final List<End> ends = new ArrayList<>();
  private final Map<String, KitWorker> workers = new HashMap<>();

  Bench(TransportKit kit) {
    this.kit = kit;
    provider = kit.provider();
  }

  TransportProvider provider() {
    return provider;
  }

  TransportKit kit() {
    return kit;
  }

  Duration patience() {
    return kit.patience();
  }

  /** Whether both sides are ports of one uplink. */
  boolean isOneUplink() {
    return kit.left().equals(kit.right());
  }

  Uplink openLeft() throws TransportException {
    return open("left", kit.left());
  }

  Uplink openRight() throws TransportException {
    return open("right", kit.right());
  }

  Uplink open(String name, Side side) throws TransportException {
    KitHost host = new KitHost(name, provider, side, false);
    Uplink uplink = new Uplink(host, side, provider.open(host));
    uplinks.add(uplink);
    return uplink;
  }

  /** A worker's thread; each uplink has its own, as if it were in another process. */
  KitWorker worker(Uplink uplink, int number) {
    return workers.computeIfAbsent(
        uplink.host().uplink() + number, _ -> new KitWorker(number, patience()));
  }

  /** The largest payload that the transport carries. */
  int maxMtu() throws TransportException {
    Uplink uplink = openLeft();
    int most = uplink.transport().capabilities().maxMtu();
    closeUplink(uplink);
    return most;
  }

  /** The payload that most rules send at most. */
  int usualMtu(Uplink uplink) {
    return Math.min(Frames.USUAL_MTU, uplink.transport().capabilities().maxMtu());
  }

  End openBound(Uplink uplink, int guest, int worker) throws TransportException {
    return openBound(uplink, new End.Place(guest, worker, NETWORK, usualMtu(uplink)));
  }

  /** A port that is bound to its worker. */
  End openBound(Uplink uplink, End.Place place) throws TransportException {
    End end = openEnd(uplink, place);
    end.bind(worker(uplink, place.worker()));
    return end;
  }

  /** A port that no worker has yet. */
  End openEnd(Uplink uplink, End.Place place) throws TransportException {
    Capabilities capabilities = uplink.transport().capabilities();
    uplink.host().opening = true;
    FramePort port = kit.openPort(uplink, place);
    uplink.host().opening = false;
    End end =
        new End(
            uplink,
            place,
            port,
            kit.inbox(port, uplink, place),
            capabilities.holdsFrames(),
            patience().toNanos());
    ends.add(end);
    return end;
  }

  /** Has a port yield frames that need these offloads. */
  void allow(End end, int offloads) {
    if (end.in instanceof DirectInbox inbox) {
      inbox.largestFrame =
          (offloads & (Offloads.TSO4 | Offloads.TSO6 | Offloads.USO)) != 0
              ? DirectInbox.LARGEST_SUPER_FRAME
              : Frames.HEADER + end.place.mtu();
      end.worker()
          .run(
              () -> {
                inbox.port.receiveOffloads(offloads);
                return null;
              });
    }
  }

  /** Two ports that reach each other and have the same worker. */
  Pair pairOnOneWorker() throws TransportException {
    Uplink left = openLeft();
    Uplink right = isOneUplink() ? left : openRight();
    int mtu = usualMtu(left);
    Route route = kit.connect(left, right, NETWORK);
    End sender = openBound(left, new End.Place(Frames.LEFT, 0, NETWORK, mtu));
    End receiver = openEnd(right, new End.Place(Frames.RIGHT, 0, NETWORK, mtu));
    receiver.bind(sender.worker());
    return new Pair(sender, receiver, route);
  }

  /** Two ports that reach each other, each with a worker of its own. */
  Pair pair() throws TransportException {
    return pair(NETWORK, 0);
  }

  /** The same, in another network or with frames of the size that is asked for, unless it is 0. */
  Pair pair(int network, int wantedMtu) throws TransportException {
    Uplink left = openLeft();
    Uplink right = isOneUplink() ? left : openRight();
    int mtu = wantedMtu == 0 ? usualMtu(left) : wantedMtu;
    Route route = kit.connect(left, right, network);
    End sender = openBound(left, new End.Place(Frames.LEFT, 0, network, mtu));
    int worker = isOneUplink() ? 1 : 0;
    End receiver = openBound(right, new End.Place(Frames.RIGHT, worker, network, mtu));
    return new Pair(sender, receiver, route);
  }

  /** The same pair after {@link #closeRight}: the other side is back. */
  Pair reopenRight(Pair pair) throws TransportException {
    Uplink left = pair.left().uplink;
    if (isOneUplink()) {
      return new Pair(pair.left(), openBound(left, pair.right().place), Route.NONE);
    }
    Uplink right = openRight();
    NextHop back =
        kit.scope() == Capabilities.Scope.SHARED
            ? right.openPeer(NETWORK, left.side().endpoint())
            : null;
    End receiver = openBound(right, pair.right().place);
    return new Pair(pair.left(), receiver, new Route(pair.route().there(), back));
  }

  /** Unbinds and closes a port. */
  void closeEnd(End end) {
    ends.remove(end);
    try {
      if (end.isBound()) {
        end.unbind();
      }
      end.port.close();
    } finally {
      end.close();
    }
  }

  /** Closes a port that its worker has let go already. */
  void closeUnbound(End end) {
    end.isUnbound();
    closeEnd(end);
  }

  /** The right side goes: its port, and its uplink if it has one of its own. */
  void closeRight(Pair pair) {
    closeEnd(pair.right());
    if (!isOneUplink()) {
      closeUplink(pair.right().uplink);
    }
  }

  /** Closes an uplink; its ports are closed already. */
  void closeUplink(Uplink uplink) {
    uplinks.remove(uplink);
    uplink.close();
  }

  /** Closes ports and uplinks that a rule has left; what fails here is for other rules to tell. */
  @Override
  public void close() {
    closeAll();
    workers.values().forEach(KitWorker::close);
  }

  /** Closes all but the workers. */
  void closeAll() {
    for (End end : List.copyOf(ends)) {
      quietly(() -> closeEnd(end));
    }
    for (Uplink uplink : List.copyOf(uplinks)) {
      quietly(() -> closeUplink(uplink));
    }
  }

  private static void quietly(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | AssertionError e) {
      System.getLogger(Bench.class.getName()).log(System.Logger.Level.DEBUG, "clearing away", e);
    }
  }
}
