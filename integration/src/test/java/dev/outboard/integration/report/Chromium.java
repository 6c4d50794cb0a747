package dev.outboard.integration.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, asked over DevTools' pipe: messages of JSON, each with a NUL
 * behind it, on descriptors 3 and 4. Whoever asks waits for the answer and gathers what the page
 * says meanwhile. Not thread-safe. Closing ends the browser.
 */
final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");
  private static final int SECONDS_TO_END = 20;

  private final ObjectMapper mapper = new ObjectMapper();
  private final List<JsonNode> events = new ArrayList<>();
  private final Process process;
  private final InputStream in;
  private final OutputStream out;
  private final String session;
  private int last;

  /** Starts one with an empty page. */
  Chromium(Path program, Path directory) throws IOException {
    process =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                program.toString(),
                "--headless",
                "--no-sandbox", // as root there is none; the page is our own
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--user-data-dir=" + directory.resolve("profile"),
                "--remote-debugging-pipe",
                "about:blank")
            .redirectError(directory.resolve("chromium.log").toFile())
            .start();
    in = new BufferedInputStream(process.getInputStream());
    out = process.getOutputStream();
    String target =
        ask(null, "Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
    session =
        ask(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .path("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      ask(domain + ".enable", Map.of());
    }
  }

  /** Where one is installed. */
  static Optional<Path> find() {
    return NAMES.stream()
        .flatMap(name -> Stream.of(Path.of("/usr/bin", name), Path.of("/usr/local/bin", name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Opens a file and waits until all of it is loaded. */
  void open(Path file) throws IOException {
    events.clear();
    JsonNode answer = ask("Page.navigate", Map.of("url", file.toUri().toString()));
    if (answer.has("errorText")) {
      throw new IOException(answer.path("errorText").asText());
    }
    while (events("Page.loadEventFired").isEmpty()) {
      events.add(read());
    }
  }

  /** The value of an expression in the page. */
  JsonNode value(String expression) throws IOException {
    JsonNode answer =
        ask("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new IOException(answer.path("exceptionDetails").toString());
    }
    return answer.path("result").path("value");
  }

  /** What the user's system prefers, "light" or "dark". */
  void prefer(String scheme) throws IOException {
    Map<String, String> feature = Map.of("name", "prefers-color-scheme", "value", scheme);
    ask("Emulation.setEmulatedMedia", Map.of("media", "screen", "features", List.of(feature)));
  }

  /** Events of this kind since the page was opened, up to the last answer. */
  List<JsonNode> events(String method) {
    return events.stream()
        .filter(event -> event.path("method").asText().equals(method))
        .map(event -> event.path("params"))
        .toList();
  }

  private JsonNode ask(String method, Map<String, Object> settings) throws IOException {
    return ask(session, method, settings);
  }

  private JsonNode ask(String target, String method, Map<String, Object> settings)
      throws IOException {
    int id = ++last;
    ObjectNode message = mapper.createObjectNode().put("id", id).put("method", method);
    message.set("params", mapper.valueToTree(settings));
    if (target != null) {
      message.put("sessionId", target);
    }
    out.write(mapper.writeValueAsBytes(message));
    out.write(0);
    out.flush();
    for (JsonNode answer = read(); ; answer = read()) {
      if (answer.path("id").asInt() == id) {
        if (answer.has("error")) {
          throw new IOException(method + ": " + answer.path("error"));
        }
        return answer.path("result");
      }
      events.add(answer);
    }
  }

  private JsonNode read() throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (int next = in.read(); next != 0; next = in.read()) {
      if (next < 0) {
        throw new EOFException("Chromium has ended");
      }
      message.write(next);
    }
    return mapper.readTree(message.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(one -> one.onExit().orTimeout(SECONDS_TO_END, TimeUnit.SECONDS).join());
  }
}
