package dev.outboard.bench;

import dev.outboard.guest.Endpoint;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.UserException;
import dev.outboard.spi.MacAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A sidecar that was started by its launcher, as a user does, for two guests that the configuration
 * declares and whose VMMs listened already; one frame has gone from the first to the second. One
 * thread.
 */
public final class LaunchedSidecar implements AutoCloseable {
  private static final String OPTIONS = "OUTBOARD_JAVA_OPTS";
  private static final int FRAME = 64;
  private static final long LOOK_NANOS = 50_000;
  private static final long DRAIN_NANOS = 5_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final CompletableFuture<VhostUserGuest> first;
  private final CompletableFuture<VhostUserGuest> second;
  private Process process;
  private long connectedNanos;
  private long frameNanos;
  private long residentKib;

  /**
   * Starts it and waits for the frame.
   *
   * @param folder for the configuration and the sockets; one sidecar at a time
   * @param settings lines for the configuration
   * @param javaOptions for its Java machine, besides those that the launcher gives it
   */
  public LaunchedSidecar(Path folder, String settings, String javaOptions)
      throws UserException, InterruptedException {
    this.folder = folder;
    first = listen(0);
    second = listen(1);
    Path log = folder.resolve("outboard.log");
    try {
      write(folder.resolve("outboard.yaml"), settings);
      awaitSockets();
      long begun = System.nanoTime();
      process = start(javaOptions, log);
      VhostUserGuest from = first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      VhostUserGuest to = second.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      connectedNanos = System.nanoTime() - begun;
      exchange(from, to);
      frameNanos = System.nanoTime() - begun;
      residentKib = resident();
      drain(to);
    } catch (IOException | ExecutionException | TimeoutException e) {
      close();
      throw new UserException(
          "no frame came: " + e.getMessage() + "; it said: " + Child.said(log), e);
    } catch (UserException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Process start(String javaOptions, Path log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command()).redirectErrorStream(true).redirectOutput(log.toFile());
    String usual = System.getenv().getOrDefault(OPTIONS, "");
    builder.environment().put(OPTIONS, (usual + " " + javaOptions).strip());
    return builder.start();
  }

  private List<String> command() {
    return List.of(
        "setpriv",
        "--pdeathsig",
        "KILL",
        "--",
        Path.of(System.getProperty("outboard.root"), "outboard").toString(),
        "run",
        "--config",
        folder.resolve("outboard.yaml").toString(),
        "--api",
        api().toString());
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

  private void write(Path config, String settings) throws IOException {
    StringBuilder text = new StringBuilder(settings);
    text.append("networks: [{id: 1}]\nguests:\n");
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

  /** The first frame was sent again and again until it came. */
  private static void drain(VhostUserGuest to) {
    while (to.receiveBytes(DRAIN_NANOS) != null) {
      // One more is gone.
    }
  }

  /** The guest that has sent the frame. */
  public VhostUserGuest from() {
    return first.join();
  }

  /** The guest that has received it. */
  public VhostUserGuest to() {
    return second.join();
  }

  /** Where its API listens. */
  public Path api() {
    return folder.resolve("api.sock");
  }

  /** From the launcher's execution until both guests were served. */
  public long connectedNanos() {
    return connectedNanos;
  }

  /** From the launcher's execution to the frame. */
  public long frameNanos() {
    return frameNanos;
  }

  /** Memory once the frame had come. */
  public long residentKib() {
    return residentKib;
  }

  /** Memory by now. */
  public long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  /** The flags of its Java machine, without the paths that are in them. */
  public List<String> flags() throws IOException {
    Path line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    return Stream.of(Files.readString(line, StandardCharsets.UTF_8).split("\0", -1))
        .skip(1)
        .takeWhile(word -> word.startsWith("-") && !word.equals("-cp"))
        .filter(word -> !word.startsWith("-D"))
        .map(word -> word.startsWith("-XX:AOTCache=") ? "-XX:AOTCache=server.aot" : word)
        .toList();
  }

  @Override
  public void close() {
    if (process != null) {
      Child.end(process);
    }
    CompletableFuture<VhostUserGuest> _ = first.whenComplete(LaunchedSidecar::close);
    CompletableFuture<VhostUserGuest> _ = second.whenComplete(LaunchedSidecar::close);
    for (int i = 0; i < 2; i++) {
      boolean _ = socket(i).toFile().delete();
    }
  }

  private static void close(VhostUserGuest guest, Throwable failure) {
    if (guest != null) {
      guest.close();
    }
  }
}
