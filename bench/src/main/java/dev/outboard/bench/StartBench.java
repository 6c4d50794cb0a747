package dev.outboard.bench;

import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.UserException;
import dev.outboard.spi.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts the sidecar by its launcher, as a user does, for two guests that the configuration
 * declares and whose VMMs listen already, and waits for the first frame from one to the other.
 */
final class StartBench {
  private static final int FRAME = 64;
  private static final long LOOK_NANOS = 50_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path launcher;
  private final Path folder;

  /** One start. Times since the launcher was executed; memory once the frame had come. */
  record Start(long connectedNanos, long frameNanos, long residentKib) {}

  /**
   * Starts nothing yet.
   *
   * @param folder for the configuration and the sockets
   */
  StartBench(Path launcher, Path folder) {
    this.launcher = launcher;
    this.folder = folder;
  }

  /** Starts once and ends it again. */
  Start once() throws UserException, InterruptedException {
    CompletableFuture<VhostUserGuest> first = listen(0);
    CompletableFuture<VhostUserGuest> second = listen(1);
    Path log = folder.resolve("outboard.log");
    Process process = null;
    try {
      write(folder.resolve("outboard.yaml"));
      awaitSockets();
      long begun = System.nanoTime();
      process =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      VhostUserGuest from = first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      VhostUserGuest to = second.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      long connected = System.nanoTime();
      exchange(from, to);
      long came = System.nanoTime();
      return new Start(connected - begun, came - begun, resident(process.pid()));
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new UserException(
          "no frame came: " + e.getMessage() + "; it said: " + Child.said(log), e);
    } finally {
      if (process != null) {
        Child.end(process);
      }
      CompletableFuture<VhostUserGuest> _ = first.whenComplete(StartBench::close);
      CompletableFuture<VhostUserGuest> _ = second.whenComplete(StartBench::close);
      clean();
    }
  }

  private List<String> command() {
    return List.of(
        "setpriv",
        "--pdeathsig",
        "KILL",
        "--",
        launcher.toString(),
        "run",
        "--config",
        folder.resolve("outboard.yaml").toString(),
        "--api",
        folder.resolve("api.sock").toString());
  }

  private Path socket(int guest) {
    return folder.resolve(Guests.id(guest) + ".sock");
  }

  private CompletableFuture<VhostUserGuest> listen(int guest) {
    CompletableFuture<VhostUserGuest> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("vmm of " + Guests.id(guest))
        .start(
            () -> {
              try {
                VhostUserFrontend frontend = VhostUserFrontend.accept(socket(guest), PATIENCE);
                started.complete(
                    VhostUserGuest.start(Guests.id(guest), GuestOptions.DEFAULT, frontend));
              } catch (IOException | RuntimeException e) {
                started.completeExceptionally(e);
              }
            });
    return started;
  }

  private void awaitSockets() throws InterruptedException, UserException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(socket(0)) || !Files.exists(socket(1))) {
      if (System.nanoTime() > deadline) {
        throw new UserException("the stand-ins do not listen");
      }
      Thread.sleep(1);
    }
  }

  private void write(Path config) throws IOException {
    StringBuilder text = new StringBuilder("networks: [{id: 1}]\nguests:\n");
    for (int i = 0; i < 2; i++) {
      Endpoint endpoint = Guests.endpoint(i);
      text.append(
          "  - {id: %s, network: 1, mac: '%s', addresses: [%s], socket: %s, role: client}%n"
              .formatted(
                  Guests.id(i),
                  new MacAddress(endpoint.mac()),
                  endpoint.address().getHostAddress(),
                  socket(i)));
    }
    Files.writeString(config, text.toString());
  }

  private static void exchange(VhostUserGuest from, VhostUserGuest to) throws UserException {
    FrameTemplate frame = FrameTemplate.raw(Guests.endpoint(0), Guests.endpoint(1), FRAME);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (long number = 0; ; number++) {
      int _ = from.send(frame, number, 1);
      if (to.receiveBytes(LOOK_NANOS) != null) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new UserException("no frame came within " + PATIENCE.toSeconds() + " s");
      }
    }
  }

  private static long resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static void close(VhostUserGuest guest, Throwable failure) {
    if (guest != null) {
      guest.close();
    }
  }

  private void clean() {
    for (int i = 0; i < 2; i++) {
      boolean _ = socket(i).toFile().delete();
    }
  }
}
