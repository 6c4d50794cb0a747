package dev.outboard.bench;

import dev.outboard.guest.Endpoint;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A daemon in a process of its own, asked through its REST API over one connection. */
final class ApiArm implements Arm {
  private static final int END_SECONDS = 20;

  private final Process daemon;
  private final ApiClient client;
  private final String path;
  private final String body;

  ApiArm(Path directory, int guests) throws IOException, UserException {
    Files.createDirectories(directory);
    Path socket = directory.resolve("api.sock");
    daemon = start(socket);
    client = new ApiClient(socket);
    try {
      awaitReady();
      for (int i = 0; i < guests; i++) {
        String _ = client.call("PUT", path(i), body(i));
      }
    } catch (IOException | UserException | RuntimeException e) {
      close();
      throw e;
    }
    path = path(guests);
    body = body(guests);
  }

  private static Process start(Path socket) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-Xms16m",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            BenchDaemon.class.getName(),
            Long.toString(ProcessHandle.current().pid()),
            "run",
            "--api",
            socket.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void awaitReady() throws IOException {
    BufferedReader out = daemon.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("ready")) {
        return;
      }
    }
    throw new IOException("the daemon did not start");
  }

  private static String path(int guest) {
    return "/guests/" + Guests.id(guest);
  }

  private static String body(int guest) {
    Endpoint endpoint = Guests.endpoint(guest);
    return "{\"addresses\": [\"" + endpoint.address().getHostAddress() + "\"]}";
  }

  @Override
  public List<String> steps() {
    return List.of("PUT", "DELETE");
  }

  @Override
  public long[] sample() throws UserException {
    long start = System.nanoTime();
    String _ = client.call("PUT", path, body);
    long attached = System.nanoTime();
    String _ = client.call("DELETE", path, "");
    long detached = System.nanoTime();
    return new long[] {attached - start, detached - attached};
  }

  @Override
  public void close() {
    client.close();
    daemon.destroy();
    try {
      if (!daemon.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        Process _ = daemon.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Process _ = daemon.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
