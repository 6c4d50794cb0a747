package dev.outboard.integration.live;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.TcpConversation;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A daemon in a network of its own and two stand-in guests, {@code asker} and {@code answerer},
 * that talk by TCP over shared memory. They could as well over TAPs, uplink {@code lan}. Uplinks
 * {@code one} and {@code two} lead to other hosts only: which of them a guest has makes no
 * difference here.
 */
public final class TalkingGuests implements AutoCloseable {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);
  private static final String CONFIGURATION =
      """
      uplinks:
        lan: {transport: tuntap}
        one: {transport: iouring, address: 127.0.0.1}
        two: {transport: iouring, address: 127.0.0.2}
      guests:
        - {id: asker, mac: '02:00:00:00:00:01', addresses: [10.0.0.1], socket: %1$s/1.sock}
        - {id: answerer, mac: '02:00:00:00:00:02', addresses: [10.0.0.2], socket: %1$s/2.sock}
      """;

  private final Namespace network;
  private final RunningDaemon daemon;
  private final TcpConversation conversation;
  private final ApiClient api;

  /** Starts all; returns when segments are answered. */
  public TalkingGuests(Path folder, TcpConversation.Pace pace)
      throws IOException, InterruptedException {
    Path config = folder.resolve("outboard.yaml");
    Files.writeString(config, CONFIGURATION.formatted(folder));
    network = Namespace.create();
    daemon = new RunningDaemon(network::enter, folder, "--config", config.toString());
    api = new ApiClient(daemon.socket());
    conversation =
        TcpConversation.start(
            folder.resolve("1.sock"),
            Endpoint.of("02:00:00:00:00:01", "10.0.0.1"),
            folder.resolve("2.sock"),
            Endpoint.of("02:00:00:00:00:02", "10.0.0.2"),
            pace);
    awaitAnswers(10);
  }

  /** So many more segments are answered. */
  public void awaitAnswers(int more) throws InterruptedException {
    long wanted = conversation.answers() + more;
    long end = System.nanoTime() + PATIENCE;
    while (conversation.answers() < wanted) {
      if (System.nanoTime() > end) {
        throw new AssertionError("only " + conversation.answers() + " answers of " + wanted);
      }
      Thread.sleep(1);
    }
  }

  public RunningDaemon daemon() {
    return daemon;
  }

  public TcpConversation conversation() {
    return conversation;
  }

  /** What the API says. One thread. */
  public JsonNode get(String path) throws UserException, IOException {
    return Json.api().readTree(api.call("GET", path, ""));
  }

  /** The way of a guest, such as {@code none, local}. */
  public String way(String guest) throws UserException, IOException {
    return way(get("/guests/" + guest));
  }

  static String way(JsonNode guest) {
    String uplink = guest.path("uplink").asText("none");
    return uplink + (guest.path("local_forwarding").asBoolean() ? ", local" : "");
  }

  @Override
  public void close() {
    try (network;
        daemon;
        api) {
      conversation.close();
    }
  }
}
