package dev.outboard.engine;

import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The hostile guest of a row, number 1, attached when the row begins: a bare connection to lie on,
 * or a driver that has started and whose every word can be written. Its load goes to and comes from
 * a peer that means no harm. One thread, but for the load.
 */
final class Attacker implements AutoCloseable {
  static final int NUMBER = 1;
  private static final int PIECE = 8192;
  private static final long PACE_NANOS = 50_000;

  private final TestHost host;
  private final VhostUserGuest peer;
  private final int peerNumber;
  private final List<Integer> fds = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private VhostUserFrontend vmm;
  private VhostUserGuest guest;
  private final int pair;
  private volatile boolean stopping;

  /**
   * Nothing was said yet.
   *
   * @param pair the queue pair that it uses, the last that it may have
   */
  Attacker(TestHost host, VhostUserGuest peer, int peerNumber, int pair) throws Exception {
    this.host = host;
    this.peer = peer;
    this.peerNumber = peerNumber;
    this.pair = pair;
    host.engine.attach(
        pair == 0 ? host.spec(NUMBER) : host.spec(NUMBER, Frontend.GENERIC, pair + 1));
  }

  TestHost host() {
    return host;
  }

  /** A connection on which nothing has been said yet. */
  VhostUserFrontend connect() throws IOException {
    vmm = host.connect(NUMBER).atPair(pair);
    return vmm;
  }

  /** A driver that runs. */
  VhostUserGuest start() throws Exception {
    return start(GuestOptions.DEFAULT);
  }

  VhostUserGuest start(GuestOptions options) throws Exception {
    long several = pair == 0 ? 0 : VirtioNet.MQ;
    guest =
        VhostUserGuest.start(
            "g" + NUMBER,
            options.withFeatures(options.features() | several),
            host.connect(NUMBER).atPair(pair));
    TestHost.await(() -> host.status("g" + NUMBER).state() == GuestStatus.State.RUNNING);
    return guest;
  }

  /** The driver that {@link #start} has started. */
  VhostUserGuest running() {
    return guest;
  }

  /** Its transmit ring. */
  RawRing ring() {
    return RawRing.of(guest.driver().ring(VirtioNetDriver.TX));
  }

  /** The last bytes of its memory, where there are buffers that it does not need here. */
  GuestMemory.Area good() {
    GuestMemory memory = guest.driver().memory();
    MemoryRegion region = memory.regions().get(0);
    long at = region.size() - PIECE;
    return new GuestMemory.Area(
        memory.mapping(0).asSlice(at, PIECE),
        region.guestAddress() + at,
        region.userAddress() + at);
  }

  void kick() {
    long _ = EventFd.signal(guest.kickFd(VirtioNetDriver.TX));
  }

  /** Runs beside the rest of the row, until it ends or fails; a failure is the attacker's own. */
  void beside(Runnable step) {
    Thread thread =
        Thread.ofPlatform()
            .name("attacker")
            .unstarted(
                () -> {
                  try {
                    while (!stopping) {
                      step.run();
                    }
                  } catch (RuntimeException | Error e) {
                    // Its memory has gone, or its device has: as it wished.
                  }
                });
    threads.add(thread);
    thread.start();
  }

  /** Frames between it and the peer, both ways, until the row ends. */
  void load() throws InterruptedException {
    FrameTemplate out =
        FrameTemplate.raw(TestHost.endpoint(NUMBER), TestHost.endpoint(peerNumber), 300);
    FrameTemplate back =
        FrameTemplate.raw(TestHost.endpoint(peerNumber), TestHost.endpoint(NUMBER), 300);
    FrameCheck own = new FrameCheck(back);
    FrameCheck peers = new FrameCheck(out);
    VhostUserGuest running = guest;
    beside(
        () -> {
          int _ = running.send(out, 0, 16);
          int _ = running.receive(own, 64);
          LockSupport.parkNanos(PACE_NANOS);
        });
    beside(
        () -> {
          int _ = peer.send(back, 0, 16);
          int _ = peer.receive(peers, 64);
          LockSupport.parkNanos(PACE_NANOS);
        });
    long before = host.counters(peerNumber).receivedFrames();
    TestHost.await(
        () ->
            host.counters(peerNumber).receivedFrames() > before + 1000
                && host.counters(NUMBER).receivedFrames() > 1000);
  }

  /** The peer takes what comes, until the row ends. */
  void drainPeer() {
    FrameCheck check =
        new FrameCheck(
            FrameTemplate.raw(TestHost.endpoint(NUMBER), TestHost.endpoint(peerNumber), 300));
    beside(
        () -> {
          int _ = peer.receive(check, 64);
          LockSupport.parkNanos(PACE_NANOS);
        });
  }

  /** Frames from the peer, which nobody takes, until the row ends. */
  void flood() {
    FrameTemplate template =
        FrameTemplate.raw(TestHost.endpoint(peerNumber), TestHost.endpoint(NUMBER), 300);
    beside(
        () -> {
          int _ = peer.send(template, 0, 16);
          LockSupport.parkNanos(PACE_NANOS);
        });
  }

  /** Descriptors that end with the row. */
  void closeLater(int... descriptors) {
    for (int fd : descriptors) {
      fds.add(fd);
    }
  }

  /** Ends the load and the VMM; the guest is detached. */
  @Override
  public void close() throws IOException {
    stopping = true;
    for (Thread thread : threads) {
      TestHost.join(thread);
    }
    fds.forEach(FileDescriptors::close);
    if (vmm != null) {
      vmm.close();
    }
    if (guest != null) {
      guest.close();
    }
    try {
      host.engine.detach("g" + NUMBER);
    } catch (EngineException e) {
      throw new IOException(e);
    }
  }
}
