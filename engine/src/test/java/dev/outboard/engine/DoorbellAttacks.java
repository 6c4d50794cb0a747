package dev.outboard.engine;

import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Doorbells that can't be rung, or that would hold fast whoever rings them. */
final class DoorbellAttacks {
  /** One below the maximum: the next signal has no room. */
  private static final long FULL = -2;

  private static final String BLOCKED = "the call fd can't be written without waiting";

  private DoorbellAttacks() {}

  static Stream<Attack> rows() {
    return Stream.of(
        Attack.ends(
            "a call eventfd that is full",
            BLOCKED,
            attacker -> {
              VhostUserGuest guest = attacker.start();
              fill(guest.callFd(VirtioNetDriver.RX));
              alwaysCall(attacker);
              attacker.flood();
            }),
        Attack.ends(
            "a call eventfd that is full and made blocking again",
            BLOCKED,
            attacker -> {
              VhostUserGuest guest = attacker.start();
              int call = guest.callFd(VirtioNetDriver.RX);
              fill(call);
              FileDescriptors.setBlocking(call);
              alwaysCall(attacker);
              attacker.flood();
            }),
        Attack.ends(
            "a blocking call eventfd that the VMM fills as fast as it is emptied",
            BLOCKED,
            attacker -> {
              VhostUserGuest guest = attacker.start();
              int call = guest.callFd(VirtioNetDriver.RX);
              attacker.load();
              alwaysCall(attacker);
              attacker.beside(
                  () -> {
                    setBlocking(call, false);
                    fill(call);
                    setBlocking(call, true);
                  });
            }),
        Attack.unharmed(
            "a call pipe that is full and made blocking again",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              try (RawDescriptor pipe = RawDescriptor.pipe()) {
                guest.frontend().setVringCall(VirtioNetDriver.RX, pipe.fd());
                FileDescriptors.setBlocking(pipe.fd());
                alwaysCall(attacker);
                attacker.flood();
                awaitFrames(attacker, 200);
                alwaysCall(attacker);
              }
            }),
        Attack.unharmed(
            "a call socket that nobody reads, made blocking again",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              int[] pair = UnixSocket.pair();
              guest.frontend().setVringCall(VirtioNetDriver.RX, pair[0]);
              FileDescriptors.setBlocking(pair[0]);
              alwaysCall(attacker);
              attacker.flood();
              awaitFrames(attacker, 200);
              attacker.closeLater(pair);
            }),
        Attack.unharmed(
            "a call socket whose other end has gone",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              int[] pair = UnixSocket.pair();
              guest.frontend().setVringCall(VirtioNetDriver.TX, pair[0]);
              FileDescriptors.close(pair[0]);
              FileDescriptors.close(pair[1]);
            }),
        Attack.either(
            "one eventfd as the kick of both rings",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              int kick = guest.kickFd(VirtioNetDriver.TX);
              guest.frontend().setVringKick(VirtioNetDriver.RX, kick);
            }),
        Attack.unharmed(
            "kicks without end",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              int[] kicks = {guest.kickFd(VirtioNetDriver.TX), guest.kickFd(VirtioNetDriver.RX)};
              long end = System.nanoTime() + 200_000_000L;
              while (System.nanoTime() < end) {
                Arrays.stream(kicks).forEach(EventFd::signal);
              }
            }),
        Attack.unharmed(
            "a kick eventfd that is full and blocking",
            attacker -> {
              VhostUserGuest guest = attacker.start();
              int kick = guest.kickFd(VirtioNetDriver.TX);
              fill(kick);
              FileDescriptors.setBlocking(kick);
            }));
  }

  /** There is no room for one more, of a counter that is not blocking now. */
  private static void fill(int fd) {
    EventFd.drain(fd);
    long _ = EventFd.add(fd, FULL);
  }

  private static void setBlocking(int fd, boolean blocking) {
    try {
      if (blocking) {
        FileDescriptors.setBlocking(fd);
      } else {
        FileDescriptors.setNonBlocking(fd);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The driver asks to be called for every received frame. */
  private static void alwaysCall(Attacker attacker) {
    RawRing ring = RawRing.of(attacker.running().driver().ring(VirtioNetDriver.RX));
    attacker.beside(
        () -> {
          ring.usedEvent(ring.usedIndex());
          LockSupport.parkNanos(10_000);
        });
  }

  private static void awaitFrames(Attacker attacker, long frames) throws InterruptedException {
    TestHost.await(() -> attacker.host().counters(Attacker.NUMBER).receivedFrames() >= frames);
  }
}
