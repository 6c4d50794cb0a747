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

/** A daemon in a process of its own, asked through its REST API over one connection. */
final class ApiArm implements Arm {
  private final Process daemon;
  private final ApiClient client;
  private final String path;
  private final String body;

  /**
   * Starts it.
   *
   * @param most how many guests it takes in at first, for all daemons to have done the same work
   */
  ApiArm(Path directory, int guests, int most) throws IOException, UserException {
    Files.createDirectories(directory);
    Path socket = directory.resolve("api.sock");
    daemon = Child.start(BenchDaemon.class, "run", "--api", socket.toString());
    client = new ApiClient(socket);
    try {
      awaitReady();
      for (int i = 0; i < most; i++) {
        String _ = client.call("PUT", path(i), body(i));
      }
      for (int i = guests; i < most; i++) {
        String _ = client.call("DELETE", path(i), "");
      }
    } catch (IOException | UserException | RuntimeException e) {
      close();
      throw e;
    }
    path = path(guests);
    body = body(guests);
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
    Child.end(daemon);
  }
}
