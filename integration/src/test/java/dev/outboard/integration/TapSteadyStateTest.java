package dev.outboard.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.isolation.Shared;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Processes;
import dev.outboard.spi.MacAddress;
import dev.outboard.testing.Allocation;
import dev.outboard.transport.tuntap.TuntapProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over TAP and bridge, too, a worker that is warm allocates nothing, sending and receiving. */
final class TapSteadyStateTest {
  private static final Endpoint ONE = Endpoint.of("52:54:00:00:00:01", "10.0.0.1");
  private static final Endpoint TWO = Endpoint.of("52:54:00:00:00:02", "10.0.0.2");
  private static final int FRAMES = 500_000;
  private static final int PAUSES = 10_000;
  private static final int PAUSE_NANOS = 100_000;
  private static final int WINDOW = 64;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  @TempDir private Path directory;

  @Test
  void framesOverTapBothWaysAllocateNothing() throws Exception {
    assumeTrue(Processes.isRoot(), "making TAPs needs root");
    Namespaces.inPrivateNetwork(
        () -> {
          allocateNothing();
          return null;
        });
  }

  private void allocateNothing() throws Exception {
    List<String> problems = new CopyOnWriteArrayList<>();
    try (Engine engine =
        Engine.start(EngineSettings.defaults(), new Shared(), Engine.epoll(), problems::add)) {
      engine.openUplink("lan", new TuntapProvider(), settings());
      try (VhostUserGuest one = start(engine, "one", ONE);
          VhostUserGuest two = start(engine, "two", TWO)) {
        FrameTemplate there = FrameTemplate.udp(ONE, TWO, 64);
        FrameTemplate back = FrameTemplate.udp(TWO, ONE, 1514);
        FrameCheck atTwo = new FrameCheck(there);
        FrameCheck atOne = new FrameCheck(back);
        for (int i = 0; i < PAUSES; i++) {
          // Being preempted lets the worker sleep now and then: that must be warm, too.
          bothWays(one, there, atOne, two, back, atTwo, 1);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        Allocation.assertNone(
            Set.of(engine.workers().getFirst().thread()),
            () -> bothWays(one, there, atOne, two, back, atTwo, FRAMES));
        // All of it over the bridge: none took shared memory.
        assertEquals(Map.of(), engine.guest("one").counters().drops());
        assertEquals(List.of(), problems);
        assertEquals(atTwo.frames(), engine.guest("two").counters().receivedFrames());
      }
    }
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    new TuntapProvider().settings().forEach(s -> settings.put(s.name(), s.defaultValue()));
    settings.putAll(Map.of("pool.min", "0", "pool.max", "4"));
    return settings;
  }

  private VhostUserGuest start(Engine engine, String id, Endpoint endpoint) throws Exception {
    Path socket = directory.resolve(id + ".sock");
    engine.attach(
        new GuestSpec(
            id,
            "acme",
            7,
            new MacAddress(endpoint.mac()),
            List.of(endpoint.address()),
            GuestSocket.listen(socket),
            1500,
            Optional.of("lan"),
            false));
    return VhostUserGuest.start(
        id, GuestOptions.DEFAULT, VhostUserFrontend.connect(socket, Duration.ofSeconds(10)));
  }

  private static void bothWays(
      VhostUserGuest one,
      FrameTemplate there,
      FrameCheck atOne,
      VhostUserGuest two,
      FrameTemplate back,
      FrameCheck atTwo,
      int frames) {
    long end = atTwo.frames() + frames;
    long sentThere = atTwo.frames();
    long sentBack = atOne.frames();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (atTwo.frames() < end || atOne.frames() < end) {
      sentThere += send(one, there, sentThere, atTwo, end);
      sentBack += send(two, back, sentBack, atOne, end);
      int _ = two.receive(atTwo, 64);
      int _ = one.receive(atOne, 64);
      if (System.nanoTime() > deadline) {
        throw new AssertionError("of %d: %d, %d".formatted(end, atTwo.frames(), atOne.frames()));
      }
    }
    assertEquals(0, atTwo.lost() + atTwo.late() + atTwo.corrupt());
    assertEquals(0, atOne.lost() + atOne.late() + atOne.corrupt());
  }

  private static int send(
      VhostUserGuest from, FrameTemplate template, long sent, FrameCheck arrived, long end) {
    int room = (int) Math.min(WINDOW - (sent - arrived.frames()), end - sent);
    return room > 0 ? from.send(template, sent, room) : 0;
  }
}
