package dev.outboard.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.vhost.VhostUserChannel;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.linux.Threads;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole stand-in guest over a real socket, against a backend written for the test. */
@Timeout(60)
class VhostUserGuestTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Endpoint A = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint B = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");

  /** A guest and a backend that echoes what the guest sends, on a thread of its own. */
  private static final class Echo implements AutoCloseable {
    final PlainBackend backend;
    final VhostUserFrontend frontend;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile Throwable failure;

    Echo(long features, boolean sleepy) throws IOException {
      int[] pair = UnixSocket.pair();
      backend = new PlainBackend(new VhostUserChannel(pair[0], PATIENCE), features);
      backend.sleepy = sleepy;
      frontend = new VhostUserFrontend(new VhostUserChannel(pair[1], PATIENCE));
      thread = new Thread(this::run, "echo");
      thread.start();
    }

    private void run() {
      try {
        while (!stopped) {
          backend.step(20_000_000);
          backend.inbox.addAll(backend.outbox);
          backend.outbox.clear();
        }
      } catch (Throwable e) {
        failure = e;
      }
    }

    void check() {
      if (failure != null && !stopped) {
        throw new AssertionError(failure);
      }
    }

    @Override
    public void close() {
      stopped = true;
      Threads.joinUninterruptibly(thread);
      backend.close();
    }
  }

  static Stream<GuestOptions> shapes() {
    GuestOptions plain = GuestOptions.DEFAULT;
    ChainShape linked = new ChainShape(ChainShape.Kind.CHAINED, 600);
    ChainShape indirect = new ChainShape(ChainShape.Kind.INDIRECT, 600);
    return Stream.of(
        plain,
        plain.withMemory(new GuestMemory.Options(2, false, true)),
        plain.withFeatures(VirtioNet.VERSION_1).withQueueSize(8),
        plain.withFeatures(VirtioNet.VERSION_1 | VirtioNet.EVENT_IDX).withTx(linked, 2048),
        plain.withTx(indirect, 2048).withRx(ChainShape.SINGLE, 512),
        plain.withTx(linked, 2048).withRx(linked, 2048));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void framesComeBackWhole(GuestOptions options) throws Exception {
    for (boolean sleepy : new boolean[] {false, true}) {
      try (Echo echo = new Echo(VirtioNet.USUAL, sleepy);
          VhostUserGuest guest = VhostUserGuest.start("guest", options, echo.frontend)) {
        exchange(echo, guest, 1514, 2000, sleepy);
        exchange(echo, guest, 64, 2000, sleepy);
      }
    }
  }

  private static void exchange(
      Echo echo, VhostUserGuest guest, int length, int frames, boolean sleepy) {
    FrameTemplate template = FrameTemplate.udp(A, B, length).withContent();
    FrameCheck check = new FrameCheck(template);
    long sent = 0;
    while (check.frames() < frames) {
      echo.check();
      int window = Math.min(guest.capacity(length) / 4 + 1, frames - (int) sent);
      window -= (int) Math.max(0, sent - check.frames());
      if (window > 0) {
        sent += guest.send(template, sent, window);
      }
      if (guest.receive(check, 32) == 0 && sleepy) {
        guest.await(Duration.ofMillis(100).toNanos());
      }
    }
    assertEquals(frames, check.frames());
    assertEquals(0, check.lost() + check.late() + check.corrupt() + check.foreign());
  }

  @Test
  void sessionFollowsTheOrderOfRealFrontends() throws Exception {
    try (Echo echo = new Echo(VirtioNet.USUAL, true);
        VhostUserGuest guest = VhostUserGuest.start("guest", GuestOptions.DEFAULT, echo.frontend)) {
      assertTrue(guest.sendFrame(Frames.arpRequest(A.mac(), A.ip(), B.ip())));
      assertNotNull(guest.receiveBytes(PATIENCE.toNanos()));
      List<String> expected =
          List.of(
              "SET_OWNER",
              "GET_FEATURES",
              "GET_PROTOCOL_FEATURES",
              "SET_PROTOCOL_FEATURES",
              "SET_FEATURES",
              "SET_MEM_TABLE");
      assertEquals(expected, echo.backend.requests.subList(0, expected.size()));
    }
  }

  @Test
  void superFramesPassInManyBuffers() throws Exception {
    GuestOptions options =
        GuestOptions.DEFAULT.withTx(
            new ChainShape(ChainShape.Kind.INDIRECT, 4096), GuestOptions.SUPER_BUFFER);
    try (Echo echo = new Echo(VirtioNet.USUAL, false);
        VhostUserGuest guest = VhostUserGuest.start("guest", options, echo.frontend)) {
      FrameTemplate template = FrameTemplate.tcp(A, B, 65226, 1448).withContent();
      FrameCheck check = new FrameCheck(template);
      for (int i = 0; i < 50; i++) {
        assertEquals(1, guest.send(template, i, 1));
        while (guest.receive(check, 1) == 0) {
          echo.check();
        }
      }
      assertEquals(50, check.position());
      assertEquals(50L * template.payloadLength(), check.payloadBytes());
      assertEquals(0, check.lost() + check.late() + check.corrupt() + check.foreign());
    }
  }

  @Test
  void stopsAndResumesWhereItWas() throws Exception {
    try (Echo echo = new Echo(VirtioNet.USUAL, true);
        VhostUserGuest guest = VhostUserGuest.start("guest", GuestOptions.DEFAULT, echo.frontend)) {
      for (int round = 0; round < 5; round++) {
        exchange(echo, guest, 200, 100, true);
        guest.resume(guest.stop());
      }
      byte[] frame = Frames.ethernet(B.mac(), A.mac(), Frames.TYPE_TEST, new byte[50]);
      assertTrue(guest.sendFrame(frame));
      byte[] back = guest.receiveBytes(PATIENCE.toNanos());
      byte[] expected = new byte[VirtioNet.HEADER_SIZE + frame.length];
      System.arraycopy(frame, 0, expected, VirtioNet.HEADER_SIZE, frame.length);
      expected[VirtioNet.HEADER_BUFFERS] = 1;
      assertArrayEquals(expected, back);
    }
  }

  @Test
  void goesOnWithANewBackend() throws Exception {
    Echo first = new Echo(VirtioNet.USUAL, true);
    VhostUserGuest guest = VhostUserGuest.start("guest", GuestOptions.DEFAULT, first.frontend);
    try (Echo second = new Echo(VirtioNet.USUAL, true)) {
      exchange(first, guest, 200, 1000, true);
      first.close();
      FrameTemplate template = FrameTemplate.raw(A, B, 100);
      FrameCheck check = new FrameCheck(template);
      assertEquals(10, guest.send(template, 0, 10));
      guest.reconnect(second.frontend);
      while (check.frames() < 10) {
        second.check();
        guest.await(Duration.ofMillis(100).toNanos());
        int _ = guest.receive(check, 32);
      }
      assertEquals(0, check.lost() + check.late());
    } finally {
      guest.close();
    }
  }

  @Test
  void guestSleepsThoughItsLastBurstFilledTheRing() throws Exception {
    try (Echo echo = new Echo(VirtioNet.USUAL, false);
        VhostUserGuest guest =
            VhostUserGuest.start("guest", GuestOptions.DEFAULT.withQueueSize(8), echo.frontend)) {
      FrameTemplate template = FrameTemplate.raw(A, B, 100);
      FrameCheck check = new FrameCheck(template);
      assertEquals(8, guest.send(template, 0, 8));
      while (check.frames() < 8) {
        echo.check();
        int _ = guest.receive(check, 8);
      }
      guest.await(1); // sees the room
      long begin = System.nanoTime();
      guest.await(20_000_000);
      assertTrue(System.nanoTime() - begin > 15_000_000, "it did not sleep");
    }
  }

  @Test
  void sleepingGuestIsWokenAndAPollingOneIsNot() throws Exception {
    try (Echo echo = new Echo(VirtioNet.USUAL, false);
        VhostUserGuest guest = VhostUserGuest.start("guest", GuestOptions.DEFAULT, echo.frontend)) {
      exchange(echo, guest, 100, 5000, false);
      assertEquals(0, guest.wakeCount());
      assertTrue(echo.backend.callCount <= 1, echo.backend.callCount + " calls");
      // The thread may come too late to sleep at all, so it gets several chances.
      for (int i = 0; i < 50 && guest.wakeCount() == 0; i++) {
        CompletableFuture<byte[]> received =
            CompletableFuture.supplyAsync(() -> guest.receiveBytes(PATIENCE.toNanos()));
        Thread.sleep(50);
        echo.backend.inbox.add(new byte[100]);
        assertNotNull(received.get());
      }
      assertTrue(guest.wakeCount() >= 1);
    }
  }
}
