package dev.outboard.engine.worker;

import dev.outboard.engine.forwarding.BroadcastDomain;
import dev.outboard.engine.forwarding.FloodLimit;
import dev.outboard.engine.forwarding.GuestCounters;
import dev.outboard.engine.forwarding.GuestIdentity;
import dev.outboard.engine.forwarding.SourceCheck;
import dev.outboard.engine.observation.GuestTraffic;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.Priority;
import java.util.Arrays;

/**
 * A guest as all workers see it: who it is, which way its frames take, where it is delivered to.
 * What only those need that serve it is in its {@link GuestShare}s. Everything that is not final is
 * written by the worker of its first share and read by any, unless it says otherwise.
 */
public final class GuestDevice implements Station {
  private static final int USUAL_MTU = 1500;

  /** How long frames wait for a guest that was here before a restart. */
  private static final long RETURN_NANOS = 3_000_000_000L;

  final GuestIdentity identity;
  final SourceCheck sourceCheck;

  /**
   * By queue pair. What it sent, and what became of that, is counted by whoever serves the pair's
   * transmit queue, what it received by the holder of its receive queue's lock: one writer each.
   */
  final GuestCounters[] counters;

  final FloodLimit floodLimit = new FloodLimit();

  /** How often it may be told of errors of its own. */
  final FloodLimit errorLimit = new FloodLimit();

  /** Longer frames must be super-frames of segments that fit the MTU. */
  final int largestPlainFrame;

  /** Its network's MTU is one that drivers do not expect. */
  final boolean clampsSegments;

  /** How urgent its frames are. */
  final Priority priority;

  final BroadcastDomain<GuestDevice> domain;
  final Events events;

  /** Which way its frames take; written by its worker, also read by others. */
  private volatile Way way = Way.NONE;

  /** Its own ports, by all of which frames come in; replaced by its worker, also read by others. */
  private volatile GuestUplink[] ports = {};

  private volatile DeviceQueues queues = DeviceQueues.NONE;

  /** What its TCP is told to, or null; written by the control thread. */
  private volatile GuestTraffic traffic;

  /** It is not served any more, until it gets new queues; any worker. */
  volatile boolean failed;

  private boolean wrongMacTold;

  /** It was here before a restart and is to be back at any moment; any worker. */
  private volatile boolean returning;

  /** When the first frame for it had to wait, or 0; any worker, none of which is exact. */
  private volatile long returnAwaitedSince;

  /** What a worker has to tell about a guest; any worker's thread. */
  public interface Events {
    /** The session can't go on, because of what the guest or its VMM did. */
    void broken(String reason);

    /** Something that a user would want to know. */
    void note(String text);
  }

  /**
   * A guest without queues, ports, or a way.
   *
   * @param queuePairs how many it may have
   * @param priority how urgent its frames are
   */
  public GuestDevice(
      GuestIdentity identity,
      BroadcastDomain<GuestDevice> domain,
      int queuePairs,
      Priority priority,
      Events events) {
    this.identity = identity;
    this.priority = priority;
    this.domain = domain;
    counters = new GuestCounters[queuePairs];
    Arrays.setAll(counters, pair -> new GuestCounters());
    this.events = events;
    sourceCheck = new SourceCheck(identity);
    largestPlainFrame = identity.largestPlainFrame();
    clampsSegments = identity.mtu() < USUAL_MTU;
  }

  void portBroken(String line) {
    events.note("its uplink has failed: " + line);
  }

  /** Why its own way off this host is closed, or null. Any thread. */
  public String portFailure() {
    GuestUplink port = way.port();
    return port == null ? null : port.failure();
  }

  /** Which way its frames take. Any thread. */
  Way way() {
    return way;
  }

  /** Has its frames take another way: its worker, between bursts, or before it has one. */
  public void setWay(Way next) {
    way = next;
  }

  /** What its TCP is told to, or null. Any thread. */
  public GuestTraffic traffic() {
    return traffic;
  }

  /** Has its TCP not observed any more. The control thread. */
  public void unobserve() {
    traffic = null;
  }

  /** Its own ports. Any thread; not to be changed. */
  GuestUplink[] ports() {
    return ports;
  }

  /** One of its own ports, or null. Any thread. */
  GuestUplink portOn(int uplink) {
    for (GuestUplink port : ports) {
      if (port.uplink == uplink) {
        return port;
      }
    }
    return null;
  }

  /** Gives it a port: {@link Roster}, or before it has a worker. */
  public void add(GuestUplink port) {
    GuestUplink[] next = Arrays.copyOf(ports, ports.length + 1);
    next[ports.length] = port;
    ports = next;
  }

  /** Takes a port away: {@link Roster}. */
  void remove(GuestUplink port) {
    ports = Arrays.stream(ports).filter(each -> !each.equals(port)).toArray(GuestUplink[]::new);
  }

  /** Who it is. */
  public GuestIdentity identity() {
    return identity;
  }

  @Override
  public String id() {
    return identity.id();
  }

  @Override
  public long mac() {
    return identity.mac().bits();
  }

  /** The guests of its network and tenant. */
  @Override
  public BroadcastDomain<GuestDevice> domain() {
    return domain;
  }

  /** What it has sent and received by now, of all its queue pairs. Any thread. */
  public GuestCounters counters() {
    return GuestCounters.sum(counters);
  }

  /** Where its ports count: its first worker, which has them. */
  public GuestCounters portCounters() {
    return counters[0];
  }

  /** Has its TCP observed from now on, or anew. The control thread. */
  public GuestTraffic observe() {
    GuestTraffic next = new GuestTraffic(counters.length);
    traffic = next;
    return next;
  }

  DeviceQueues queues() {
    return queues;
  }

  /** Has frames for it wait, for a while, until it is back. The control thread. */
  public void expectReturn() {
    returnAwaitedSince = 0;
    returning = true;
  }

  /**
   * Whether a frame for it shall wait because it is to be back at any moment. After a restart all
   * guests of a host come back at once, but one after the other, and each starts and stops its
   * queues a few times until it has said all. That is once in the life of this process, so nobody
   * can hold others up with it again.
   */
  boolean isReturning() {
    if (!returning) {
      return false;
    }
    long now = System.nanoTime();
    if (returnAwaitedSince == 0) {
      returnAwaitedSince = now;
    }
    if (now - returnAwaitedSince > RETURN_NANOS) {
      returning = false;
    }
    return returning;
  }

  void setQueues(DeviceQueues next) {
    queues = next;
    failed = false;
  }

  /**
   * Closes its queues: nothing is delivered to it any more. The worker that was the last to stop
   * serving a share.
   */
  public void closeQueues() {
    DeviceQueues open = queues;
    for (int i = 0; i < open.receiveCount(); i++) {
      open.receive(i).queue.stop();
    }
    setQueues(DeviceQueues.NONE);
  }

  /** Its memory or its queues must not be touched any more; its session ends. Any worker. */
  void fail(String reason) {
    DeviceQueues now = queues;
    for (int i = 0; i < now.receiveCount(); i++) {
      now.receive(i).queue.fail();
    }
    failed = true;
    events.broken(reason);
  }

  void tellWrongMac(long used) {
    if (!wrongMacTold) {
      wrongMacTold = true;
      events.note(
          "guest uses MAC "
              + new MacAddress(used)
              + ", declared "
              + identity.mac()
              + ": its frames are dropped; give the VMM the declared address");
    }
  }
}
