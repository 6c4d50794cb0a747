package dev.outboard.bench;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.GuestStatus;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The engine with stand-in guests whose drivers run, silent: how long until a guest that is
 * declared now has connected, started its driver and got its first frame to another one.
 */
final class ConnectedArm implements Arm {
  static final List<String> STEPS = List.of("attach to first frame", "detach, connected");

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int FRAME = 64;

  /** Small rings and so little memory, for there are many. */
  private static final GuestOptions OPTIONS = GuestOptions.DEFAULT.withQueueSize(16);

  private final Engine engine;
  private final List<VhostUserGuest> crowd = new ArrayList<>();
  private final GuestSpec another;
  private final FrameTemplate hello;

  ConnectedArm(Path directory, int guests) throws Exception {
    engine = EngineArm.start();
    Files.createDirectories(directory);
    try {
      for (int i = 0; i < guests; i++) {
        GuestSpec spec = Guests.spec(i, directory, Optional.empty());
        List<String> _ = engine.attach(spec);
        crowd.add(connect(spec));
      }
      for (int i = 0; i < guests; i++) {
        awaitRunning(Guests.id(i));
      }
    } catch (EngineException | IOException | RuntimeException e) {
      close();
      throw e;
    }
    another = Guests.spec(guests, directory, Optional.empty());
    hello = FrameTemplate.raw(Guests.endpoint(guests), Guests.endpoint(0), FRAME);
  }

  private static VhostUserGuest connect(GuestSpec spec) throws IOException {
    return VhostUserGuest.start(
        spec.id(), OPTIONS, VhostUserFrontend.connect(spec.socket().path(), PATIENCE));
  }

  private void awaitRunning(String id) throws EngineException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (engine.guest(id).state() != GuestStatus.State.RUNNING) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("guest " + id + " does not run: " + engine.guest(id));
      }
      Thread.sleep(1);
    }
  }

  @Override
  public List<String> steps() {
    return STEPS;
  }

  @Override
  public long[] sample() throws EngineException, IOException {
    FrameCheck arrived = new FrameCheck(hello);
    long start = System.nanoTime();
    List<String> _ = engine.attach(another);
    try (VhostUserGuest guest = connect(another)) {
      int _ = guest.send(hello, 0, 1);
      VhostUserGuest receiver = crowd.getFirst();
      while (arrived.frames() == 0) {
        if (receiver.receive(arrived, 1) == 0) {
          receiver.await(1_000_000);
        }
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          throw new IOException("the first frame did not arrive: " + engine.guest(another.id()));
        }
      }
      long first = System.nanoTime();
      engine.detach(another.id());
      return new long[] {first - start, System.nanoTime() - first};
    }
  }

  @Override
  public void close() {
    engine.close();
    crowd.forEach(VhostUserGuest::close);
  }
}
