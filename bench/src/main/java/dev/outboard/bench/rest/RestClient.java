package dev.outboard.bench.rest;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Calls an API and never waits: a call is a write, its answer is read when it has come. So the
 * thread that drives the guests can make the calls, and no client takes a processor from whom is
 * measured. One thread.
 */
final class RestClient implements AutoCloseable {
  private static final int ROOM = 1 << 18;

  /** What is called in turns: reading all there is, and a guest that comes and goes. */
  private static final List<String> CALLS =
      List.of(
          call("GET", "/stats", ""),
          call("PUT", "/guests/rest", "{\"addresses\": [\"10.1.200.1\"]}"),
          call("GET", "/guests", ""),
          call("DELETE", "/guests/rest", ""));

  private final SocketChannel channel;
  private final ByteBuffer answer = ByteBuffer.allocate(ROOM);
  private boolean waiting;
  private int next;
  private long answered;

  RestClient(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    channel.configureBlocking(false);
  }

  private static String call(String method, String path, String body) {
    return "%s %s HTTP/1.1\r\nHost: outboard\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(method, path, body.length(), body);
  }

  /** Whether the last call's answer has not come yet. */
  boolean isWaiting() {
    return waiting;
  }

  /** Calls that were answered. */
  long answered() {
    return answered;
  }

  /** Makes the next call. */
  void call() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(CALLS.get(next).getBytes(StandardCharsets.US_ASCII));
    next = (next + 1) % CALLS.size();
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      throw new IOException("the API takes no call");
    }
    answer.clear();
    waiting = true;
  }

  /** Looks whether the answer is there. */
  void look() throws IOException {
    if (channel.read(answer) < 0) {
      throw new IOException("the API has closed the connection");
    }
    String text = new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
    if (!isWhole(text)) {
      return;
    }
    if (!text.startsWith("HTTP/1.1 2")) {
      throw new IOException("the API answered: " + text.replace("\r\n", " "));
    }
    waiting = false;
    answered++;
  }

  /** Whether an answer ends here, as its head says. */
  static boolean isWhole(String text) {
    int head = text.indexOf("\r\n\r\n");
    if (head < 0) {
      return false;
    }
    int body = text.length() - head - 4;
    for (String line : text.substring(0, head).split("\r\n", -1)) {
      String[] words = line.split(":", 2);
      if (words[0].equalsIgnoreCase("Content-Length")) {
        return body >= Integer.parseInt(words[1].strip());
      }
      if (words[0].equalsIgnoreCase("Transfer-Encoding")) {
        return text.endsWith("0\r\n\r\n");
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
