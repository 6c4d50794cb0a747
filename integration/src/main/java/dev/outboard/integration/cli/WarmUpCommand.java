package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.daemon.Daemon;
import dev.outboard.integration.daemon.RunSettings;
import dev.outboard.integration.daemon.WarmUp;
import dev.outboard.integration.rest.ApiClient;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs the client commands once against canned answers, or a daemon with stand-in guests, so that
 * the JVM can write down which classes they load. The launcher calls it after a build; users never
 * see it.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  private static final String GUEST =
      """
      {"id":"a","tenant":"default","network":1,"mac":"02:00:00:00:00:01","addresses":["10.0.0.1"],
      "mtu":1500,"socket":"/a","role":"server","local_forwarding":true,"state":"running",
      "note":"","warnings":[],"counters":{"sent_frames":1,"drops":{"unknown":1}}}\
      """;

  /** Of everything that is declared, one: how the file is read is to be remembered, too. */
  private static final String CONFIG =
      """
      networks: [{id: 1, mtu: 1500}]
      guests:
        - {id: b, network: 1, mac: '02:00:00:00:00:02', addresses: [10.0.0.2], socket: %s}
        - {id: c, network: 1, mac: '02:00:00:00:00:03', socket: %s, role: client}
      """;

  @Option(names = "--daemon")
  private boolean daemon;

  @Override
  public Integer call() throws IOException, UserException {
    Path directory = Files.createTempDirectory("outboard");
    try {
      return daemon ? daemon(directory) : client(directory);
    } finally {
      delete(directory);
    }
  }

  private static int daemon(Path directory) throws IOException, UserException {
    Logs.configure();
    Path socket = directory.resolve("s");
    Path config = directory.resolve("c");
    Files.writeString(config, CONFIG.formatted(directory.resolve("b"), directory.resolve("d")));
    try (Daemon started = Daemon.create(new RunSettings(Optional.of(config), socket, true));
        ApiClient client = new ApiClient(socket)) {
      started.start(line -> {});
      WarmUp.run();
      client.call("PUT", "/guests/a", "{\"addresses\": [\"10.0.0.1\"]}");
      client.call("GET", "/stats", "");
      client.call("DELETE", "/guests/a", "");
    }
    return 0;
  }

  private static int client(Path directory) throws IOException {
    Path socket = directory.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      String api = socket.toString();
      int failures =
          command(server, GUEST, "attach", "--id", "a", "--ip", "10.0.0.1", "--api", api);
      failures += command(server, "[" + GUEST + "]", "list", "--api", api);
      failures +=
          command(server, "{\"uptime_s\":1,\"guests\":[" + GUEST + "]}", "stats", "--api", api);
      failures += command(server, "{\"fault_message\":\"-\"}", "detach", "a", "--api", api);
      return failures;
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }

  private static int command(ServerSocketChannel server, String answer, String... words) {
    Thread answering = new Thread(() -> answer(server, answer), "warm-up");
    answering.setDaemon(true);
    answering.start();
    return Main.run(words);
  }

  private static void answer(ServerSocketChannel server, String body) {
    try (SocketChannel client = server.accept()) {
      client.read(ByteBuffer.allocate(1 << 16));
      String head =
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n";
      client.write(ByteBuffer.wrap((head + body).getBytes(StandardCharsets.US_ASCII)));
      client.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      System.err.println("warm-up: " + e);
    }
  }
}
