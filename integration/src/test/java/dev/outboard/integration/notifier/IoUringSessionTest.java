package dev.outboard.integration.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.GuestStatus;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.RawRing;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNetDriver;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.isolation.Shared;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.spi.MacAddress;
import dev.outboard.testing.Allocation;
import dev.outboard.transport.iouring.notifier.IoUringNotifierProvider;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real vhost-user sessions on a worker that waits and calls through one ring. */
final class IoUringSessionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int RECEIVERS = 8;
  private static final long FULL = -2;
  private static final int PAUSES = 3_000;
  private static final int PAUSE_NANOS = 100_000;

  @TempDir private Path directory;

  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final List<VhostUserGuest> receivers = new ArrayList<>();
  private Engine engine;
  private VhostUserGuest sender;

  @BeforeEach
  void start() throws Exception {
    engine =
        Engine.start(
            new EngineSettings(2, List.of(), 50, 100, 64),
            new Shared(),
            new IoUringNotifierProvider(),
            problems::add);
    sender = guest(0);
    for (int i = 1; i <= RECEIVERS; i++) {
      receivers.add(guest(i));
    }
  }

  @AfterEach
  void end() {
    receivers.forEach(VhostUserGuest::close);
    sender.close();
    engine.close();
    assertEquals(List.of(), problems);
  }

  private static Endpoint endpoint(int number) {
    return Endpoint.of("52:54:00:00:00:%02x".formatted(number + 1), "10.0.0." + (number + 1));
  }

  private VhostUserGuest guest(int number) throws Exception {
    Path socket = directory.resolve(number + ".sock");
    engine.attach(
        new GuestSpec(
            id(number),
            "acme",
            7,
            new MacAddress(endpoint(number).mac()),
            List.of(endpoint(number).address()),
            GuestSocket.listen(socket),
            1500,
            Optional.empty(),
            true));
    engine.move(id(number), 0);
    VhostUserGuest guest =
        VhostUserGuest.start(
            id(number), GuestOptions.DEFAULT, VhostUserFrontend.connect(socket, PATIENCE));
    await(() -> status(number).state() == GuestStatus.State.RUNNING);
    return guest;
  }

  private static String id(int number) {
    return "g" + number;
  }

  private GuestStatus status(int number) {
    try {
      return engine.guest(id(number));
    } catch (EngineException e) {
      throw new IllegalStateException(e);
    }
  }

  private Engine.WorkerStatus worker() {
    return engine.workers().getFirst();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited in vain");
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** All receivers want to be called for their next frame. */
  private void armAll() {
    for (VhostUserGuest guest : receivers) {
      RawRing ring = RawRing.of(guest.driver().ring(VirtioNetDriver.RX));
      ring.usedEvent(ring.usedIndex());
    }
  }

  /** One frame for everybody: the worker wakes all receivers in one loop. */
  private void broadcast() {
    byte[] frame = new byte[60];
    ByteBuffer.wrap(frame)
        .put(new byte[] {-1, -1, -1, -1, -1, -1})
        .put(new byte[] {0x52, 0x54, 0, 0, 0, 1})
        .putShort((short) 0x88b5);
    assertTrue(sender.sendFrame(frame));
  }

  private void awaitFrames(int number, long frames) {
    await(() -> status(number).counters().receivedFrames() >= frames);
  }

  @Test
  void theNotifierThatRunsIsShown() {
    assertEquals("iouring", worker().notifier());
  }

  @Test
  void callsOfOneLoopAreOneSystemCall() {
    await(() -> worker().active() == 0);
    long calls = worker().calls();
    long systemCalls = worker().callSystemCalls();
    armAll();
    receivers.forEach(guest -> EventFd.drain(guest.callFd(VirtioNetDriver.RX)));
    broadcast();
    for (int i = 1; i <= RECEIVERS; i++) {
      awaitFrames(i, 1);
    }
    await(() -> worker().calls() == calls + RECEIVERS);
    assertEquals(systemCalls + 1, worker().callSystemCalls());
    for (VhostUserGuest guest : receivers) {
      assertTrue(guest.receiveBytes(PATIENCE.toNanos()) != null);
    }
  }

  @Test
  void whoDoesNotWantToBeCalledIsNot() {
    await(() -> worker().active() == 0);
    long calls = worker().calls();
    broadcast();
    for (int i = 1; i <= RECEIVERS; i++) {
      awaitFrames(i, 1);
    }
    await(() -> worker().active() == 0);
    assertEquals(calls, worker().calls());
  }

  @Test
  void aGuestThatMakesItsDoorbellBlockingLosesItsSessionAndNobodyElseACall() throws Exception {
    int blocking = receivers.get(2).callFd(VirtioNetDriver.RX);
    FileDescriptors.setBlocking(blocking);
    refuses(3);
  }

  @Test
  void aGuestThatFillsItsBlockingDoorbellHoldsNobodyUp() throws Exception {
    int full = receivers.get(5).callFd(VirtioNetDriver.RX);
    EventFd.drain(full);
    EventFd.add(full, FULL);
    FileDescriptors.setBlocking(full);
    refuses(6);
  }

  private void refuses(int number) {
    await(() -> worker().active() == 0);
    armAll();
    broadcast();
    await(() -> status(number).state() == GuestStatus.State.WAITING);
    assertTrue(status(number).note().contains("can't be written without waiting"));
    assertEquals(1, worker().refusedCalls());
    for (int i = 1; i <= RECEIVERS; i++) {
      if (i != number) {
        assertEquals(GuestStatus.State.RUNNING, status(i).state());
        assertTrue(receivers.get(i - 1).receiveBytes(PATIENCE.toNanos()) != null);
      }
    }
    armAll();
    broadcast();
    for (int i = 1; i <= RECEIVERS; i++) {
      if (i != number) {
        assertTrue(receivers.get(i - 1).receiveBytes(PATIENCE.toNanos()) != null);
      }
    }
    assertEquals(1, worker().refusedCalls());
  }

  @Test
  void aGuestMovesBetweenRingsAndIsHeardOnBoth() throws Exception {
    FrameTemplate template = FrameTemplate.raw(endpoint(0), endpoint(1), 64);
    FrameCheck check = new FrameCheck(template);
    VhostUserGuest receiver = receivers.getFirst();
    for (int i = 0; i < 200; i++) {
      engine.move("g0", i % 2);
      await(() -> engine.workers().stream().allMatch(worker -> worker.active() == 0));
      assertEquals(1, sender.send(template, i, 1));
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (check.frames() <= i && System.nanoTime() < end) {
        if (receiver.receive(check, 1) == 0) {
          receiver.await(PATIENCE.toNanos());
        }
      }
      assertEquals(i + 1, check.frames());
    }
    assertFalse(status(0).counters().drops().values().stream().anyMatch(drops -> drops > 0));
  }

  /** A frame now and then: the worker sleeps, is woken by the ring and calls through it. */
  @Test
  void aWorkerThatSleepsAndCallsAllocatesNothing() throws Exception {
    FrameTemplate template = FrameTemplate.raw(endpoint(0), endpoint(1), 64);
    FrameCheck check = new FrameCheck(template);
    VhostUserGuest receiver = receivers.getFirst();
    long sleeps = worker().sleeps();
    Allocation.assertNone(
        Set.of(worker().thread()),
        () -> {
          for (int i = 0; i < PAUSES; i++) {
            long frames = check.frames();
            int _ = sender.send(template, frames, 1);
            while (check.frames() == frames) {
              if (receiver.receive(check, 1) == 0) {
                receiver.await(PATIENCE.toNanos());
              }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
          }
        });
    assertTrue(worker().sleeps() > sleeps + PAUSES / 2);
  }
}
