package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Two stand-in guests, which may have packed rings, that send each other numbered frames as fast as
 * they can, never more under way than fit the receiver's ring with a burst to spare, so that a
 * frame that is missing was lost by somebody. One thread, the test's.
 */
final class TwoWayLoad implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int LENGTH = 128;
  private static final int WINDOW = 128;
  private static final int BURST = 64;

  /** The declaration of both guests, for a daemon's configuration. */
  static String configuration(Path first, Path second) {
    return "guests:\n%s%s".formatted(declaration(1, first, ""), declaration(2, second, ""));
  }

  /** The same, with all frames between the two going over TAPs and the host's bridge. */
  static String configurationWithUplink(Path first, Path second, int network) {
    String more = ", network: %d, uplink: lan, local-forwarding: off".formatted(network);
    return "uplinks: {lan: {transport: tuntap}}\nguests:\n%s%s"
        .formatted(declaration(1, first, more), declaration(2, second, more));
  }

  private static String declaration(int number, Path socket, String more) {
    return "  - {id: g%d, mac: '%s', addresses: [10.0.0.%d], socket: %s, ring: packed%s}%n"
        .formatted(number, mac(number), number, socket, more);
  }

  private static String mac(int number) {
    return "02:00:00:00:00:0" + number;
  }

  private final Path[] sockets;
  private final VhostUserGuest[] guests = new VhostUserGuest[2];

  /** By receiver: what it checks, and what the other one has sent so far. */
  private final FrameCheck[] checks = new FrameCheck[2];

  private final long[] sent = new long[2];

  private long lastFrameAt = System.nanoTime();
  private long longestGap;

  /** Connects both guests; the daemon must be there, or come soon. */
  TwoWayLoad(GuestOptions options, Path first, Path second) throws IOException {
    sockets = new Path[] {first, second};
    for (int n = 0; n < 2; n++) {
      Endpoint own = Endpoint.of(mac(n + 1), "10.0.0." + (n + 1));
      Endpoint other = Endpoint.of(mac(2 - n), "10.0.0." + (2 - n));
      checks[n] = new FrameCheck(FrameTemplate.raw(other, own, LENGTH).withContent());
      guests[n] = VhostUserGuest.start("g" + n, options, connect(n));
    }
  }

  private VhostUserFrontend connect(int n) throws IOException {
    return VhostUserFrontend.connect(sockets[n], PATIENCE);
  }

  /** Goes on with the next daemon, one guest after the other, as soon as it listens. */
  void reconnect() throws IOException {
    for (int n = 0; n < 2; n++) {
      guests[n].reconnect(connect(n));
    }
  }

  /** Sends and receives for a while. */
  void run(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      if (turn(true) == 0) {
        Thread.onSpinWait();
      }
    }
  }

  /** Receives, and sends no more, until there is nothing to be seen. */
  void drain() {
    while (turn(false) > 0) {
      Thread.onSpinWait();
    }
  }

  /** Sends and receives until both have got something. */
  void awaitFrames() {
    long[] before = {checks[0].frames(), checks[1].frames()};
    long deadline = System.nanoTime() + QUIET_NANOS;
    while (checks[0].frames() == before[0] || checks[1].frames() == before[1]) {
      if (turn(true) == 0) {
        Thread.onSpinWait();
      }
      assertTrue(System.nanoTime() < deadline, () -> "no frames: " + this);
    }
  }

  /** Sends and receives until the first frame comes; gives its time. */
  long awaitFirstFrame() {
    long deadline = System.nanoTime() + QUIET_NANOS;
    while (turn(true) == 0) {
      assertTrue(System.nanoTime() < deadline, () -> "no frames: " + this);
    }
    return System.nanoTime();
  }

  /** Returns how many frames were received. */
  private int turn(boolean sends) {
    int received = 0;
    for (int to = 0; to < 2; to++) {
      if (sends) {
        long room = WINDOW - (sent[to] - checks[to].position());
        if (room > 0) {
          sent[to] +=
              guests[1 - to].send(checks[to].template(), sent[to], (int) Math.min(room, BURST));
        }
      }
      received += guests[to].receive(checks[to], BURST);
    }
    if (received > 0) {
      long now = System.nanoTime();
      longestGap = Math.max(longestGap, now - lastFrameAt);
      lastFrameAt = now;
    }
    return received;
  }

  /** The longest time without a frame since this was last asked for. */
  long takeLongestGap() {
    long gap = longestGap;
    longestGap = 0;
    lastFrameAt = System.nanoTime();
    return gap;
  }

  /** Frames that came more than once so far, by receiver. */
  long[] repeated() {
    return new long[] {checks[0].late(), checks[1].late()};
  }

  /** Frames that were received so far. */
  long frames() {
    return checks[0].frames() + checks[1].frames();
  }

  /**
   * Lets everything come to rest, then checks that no frame was lost, changed or out of order and
   * no descriptor lost or doubled.
   *
   * @param restarts how often each guest's frames may have been repeated, in order
   */
  void assertNothingLost(int restarts) {
    awaitRest();
    for (int to = 0; to < 2; to++) {
      FrameCheck check = checks[to];
      assertEquals(sent[to], check.position(), toString());
      assertEquals(0, check.lost(), toString());
      assertEquals(0, check.corrupt(), toString());
      assertTrue(check.rewinds() <= restarts, toString());
      // Doubled ones have been found by the driver, by an exception.
      assertEquals(0, guests[to].driver().missingBuffers(), "descriptors of guest " + to);
    }
  }

  /** Lets everything come to rest, then checks that all frames came, in whichever order. */
  void assertAllCame() {
    awaitRest();
    for (int to = 0; to < 2; to++) {
      FrameCheck check = checks[to];
      assertEquals(sent[to], check.frames(), toString());
      assertEquals(check.lost(), check.late(), toString());
      assertEquals(0, check.corrupt(), toString());
      assertEquals(0, guests[to].driver().missingBuffers(), "descriptors of guest " + to);
    }
  }

  private void awaitRest() {
    long deadline = System.nanoTime() + QUIET_NANOS;
    while (checks[0].position() < sent[0]
        || checks[1].position() < sent[1]
        || guests[0].driver().tx().room() < guests[0].driver().tx().slots()
        || guests[1].driver().tx().room() < guests[1].driver().tx().slots()) {
      if (turn(false) == 0) {
        guests[0].driver().missingBuffers();
        guests[1].driver().missingBuffers();
      }
      assertTrue(System.nanoTime() < deadline, () -> "not all frames came: " + this);
    }
    drain();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int to = 0; to < 2; to++) {
      FrameCheck check = checks[to];
      text.append(
          "to guest %d: %d sent, %d received, %d lost, %d late in %d runs, %d corrupt; "
              .formatted(
                  to,
                  sent[to],
                  check.frames(),
                  check.lost(),
                  check.late(),
                  check.rewinds(),
                  check.corrupt()));
    }
    return text.toString();
  }

  @Override
  public void close() {
    for (VhostUserGuest guest : guests) {
      if (guest != null) {
        guest.close();
      }
    }
  }
}
