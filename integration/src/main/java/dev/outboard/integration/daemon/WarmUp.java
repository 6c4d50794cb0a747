package dev.outboard.integration.daemon;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.handover.GuestState;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.UserException;
import dev.outboard.integration.handover.HandoverServer;
import dev.outboard.integration.handover.TakeOver;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Sends frames between two stand-in guests of a sidecar of its own, so that the code on their way
 * is compiled before real guests depend on it, and hands the two over to a second sidecar, so that
 * everything a hand-over needs is loaded before real guests stand still for it. A JVM that has just
 * started would do both, but slowly at first.
 */
public final class WarmUp {
  private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int BURST = 64;
  private static final int WINDOW = 128;

  private WarmUp() {}

  /** Takes a second or two; what fails here is left to fail, or not, where it counts. */
  public static void run() {
    attempt(NANOS);
  }

  /** The hand-over alone, for a process that has served guests for long. */
  public static void rehearse() {
    attempt(0);
  }

  private static void attempt(long nanos) {
    try {
      run(nanos);
    } catch (IOException | EngineException | RuntimeException e) {
      System.getLogger("outboard").log(System.Logger.Level.DEBUG, "warm-up", e);
    }
  }

  /** The same, with what failed; leaves nothing behind. */
  static void run(long nanos) throws IOException, EngineException {
    Path directory = Files.createTempDirectory("outboard-warm-up");
    try (Engine engine =
            Engine.start(EngineSettings.defaults(), new Shared(), Engine.epoll(), line -> {});
        VhostUserGuest a = guest(engine, directory, 1);
        VhostUserGuest b = guest(engine, directory, 2)) {
      exchange(a, b, nanos);
      handOver(engine, directory);
    } finally {
      Files.deleteIfExists(directory);
    }
  }

  private static Endpoint endpoint(int number) {
    return Endpoint.of("02:00:00:00:00:0" + number, "10.0.0." + number);
  }

  private static VhostUserGuest guest(Engine engine, Path directory, int number)
      throws EngineException, IOException {
    GuestSpec spec = spec(directory, number);
    List<String> _ = engine.attach(spec);
    return VhostUserGuest.start(
        "warm-up", GuestOptions.DEFAULT, VhostUserFrontend.connect(spec.socket().path(), PATIENCE));
  }

  private static GuestSpec spec(Path directory, int number) {
    Path socket = directory.resolve("g" + number);
    Endpoint endpoint = endpoint(number);
    return new GuestSpec(
        "warm-up-" + number,
        "warm-up",
        1,
        new MacAddress(endpoint.mac()),
        List.of(endpoint.address()),
        GuestSocket.listen(socket),
        1500,
        Optional.empty(),
        true);
  }

  /**
   * Both sidecars are in this process. When the second one has closed its descriptors, the first
   * goes on with its own: no frame was sent meanwhile, so the rings are as it left them.
   */
  private static void handOver(Engine engine, Path directory) throws IOException, EngineException {
    Path socket = directory.resolve("hand-over");
    try (HandoverServer _ = new HandoverServer(socket, engine, new Giver());
        TakeOver from = TakeOver.connect(socket);
        Engine next =
            Engine.start(EngineSettings.defaults(), new Shared(), Engine.epoll(), line -> {})) {
      int number = 0;
      for (GuestState guest : from.take()) {
        next.adopt(spec(directory, ++number), guest);
      }
      from.commit();
      next.resume();
      from.finish();
    } catch (UserException e) {
      throw new IOException(e);
    }
    engine.resume();
  }

  /** Gives everything to whoever asks. */
  private static final class Giver implements HandoverServer.Owner {
    @Override
    public void prepare() {}

    @Override
    public boolean giveUp() {
      return true;
    }

    @Override
    public void gone(long pid) {}
  }

  private static void exchange(VhostUserGuest a, VhostUserGuest b, long nanos) {
    FrameTemplate small = FrameTemplate.raw(endpoint(1), endpoint(2), 60);
    FrameTemplate large = FrameTemplate.udp(endpoint(2), endpoint(1), 1400);
    FrameCheck toB = new FrameCheck(small);
    FrameCheck toA = new FrameCheck(large);
    long sentToB = 0;
    long sentToA = 0;
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      if (sentToB - toB.position() < WINDOW) {
        sentToB += a.send(small, sentToB, BURST);
      }
      if (sentToA - toA.position() < WINDOW) {
        sentToA += b.send(large, sentToA, BURST);
      }
      a.receive(toA, BURST);
      b.receive(toB, BURST);
    }
  }
}
