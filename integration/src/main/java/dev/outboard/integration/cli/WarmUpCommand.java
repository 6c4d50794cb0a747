package dev.outboard.integration.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Runs the client commands once against canned answers, so that the JVM can write down which
 * classes they load. The launcher calls it after a build; users never see it.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  private static final String GUEST =
      """
      {"id":"a","tenant":"default","network":1,"mac":"02:00:00:00:00:01","addresses":["10.0.0.1"],
      "mtu":1500,"socket":"/a","role":"server","local_forwarding":true,"state":"running",
      "note":"","warnings":[],"counters":{"sent_frames":1,"drops":{"unknown":1}}}\
      """;

  @Override
  public Integer call() throws IOException {
    Path directory = Files.createTempDirectory("outboard");
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
    } finally {
      Files.deleteIfExists(socket);
      Files.delete(directory);
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
