package dev.outboard.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One arm of a comparison in a process of its own: opens two guests as its arguments say, then runs
 * a round of a load for each line it reads, and answers with one line of JSON. Between rounds it is
 * blocked in a read and uses no CPU, so that several arms can take turns.
 *
 * <pre>
 *   arguments   arm=vhost-user a.socket=/run/a.sock b.socket=/run/b.sock a.cpu=1 ...
 *   first line  {"ready":"vhost-user"}; with arm=host network=here also "peer_pid"
 *   read        round rtt seconds=1 size=64
 *               round stream seconds=1 size=1514 window=128 burst=32
 *               round messages seconds=1 request=64 response=1024 in-flight=16
 *               round paced seconds=1 size=64 rate=20000
 *               round cores seconds=0.05
 *               quit
 *   answered    {"load":"rtt", ...} or {"error":"..."}
 * </pre>
 */
public final class LoadMain {
  private static final int SIZE = 64;
  private static final int SEGMENT = 1448;
  private static final int BURST = 32;
  private static final int IN_FLIGHT = 16;
  private static final int PACE = 1000;
  private static final double CORES_SECONDS = 0.05;

  private final GuestPair pair;
  private final int aCpu;
  private final int bCpu;

  private LoadMain(GuestPair pair) {
    this.pair = pair;
    aCpu = Math.max(0, pair.aCpu());
    bCpu = pair.bCpu() >= 0 ? pair.bCpu() : 1 - Math.min(1, aCpu);
  }

  /** Runs until {@code quit} or the end of the input. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    KeyValues settings;
    try {
      settings = new KeyValues(List.of(arguments));
      try (GuestPair pair = Arms.open(settings)) {
        String far = pair.b() instanceof FarGuest b ? ",\"peer_pid\":" + b.pid() : "";
        out.println("{\"ready\":\"" + settings.required("arm") + "\"" + far + "}");
        new LoadMain(pair).serve(out);
      }
    } catch (Exception e) {
      out.println(error(e));
      System.exit(1);
    }
  }

  private void serve(PrintStream out) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> words = List.of(line.strip().split("\\s+"));
      if (words.equals(List.of("quit"))) {
        return;
      }
      try {
        out.println(answer(words));
      } catch (RuntimeException e) {
        out.println(error(e));
      }
    }
  }

  private String answer(List<String> words) {
    if (words.size() < 2 || !words.getFirst().equals("round")) {
      throw new IllegalArgumentException("say 'round LOAD key=value ...' or 'quit'");
    }
    KeyValues settings = new KeyValues(words.subList(2, words.size()));
    double before = cpuSeconds();
    return switch (words.get(1)) {
      case "rtt" -> finish(rtt(settings), before);
      case "stream" -> finish(stream(settings), before);
      case "messages" -> finish(messages(settings), before);
      case "paced" -> finish(paced(settings), before);
      case "cores" -> cores(settings);
      default ->
          throw new IllegalArgumentException(
              "unknown load '" + words.get(1) + "'; known are rtt, stream, messages, paced, cores");
    };
  }

  private String finish(LoadResult result, double cpuBefore) {
    double cpu = cpuSeconds() - cpuBefore;
    long drained = result.lost() + result.late() > 0 ? pair.drain() : 0;
    String json = result.toJson();
    return json.substring(0, json.length() - 1)
        + String.format(Locale.ROOT, ",\"drained\":%d,\"cpu_seconds\":%.3f}", drained, cpu);
  }

  /** Processor time of this whole process, in user and kernel mode. */
  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L)
        / 1e9;
  }

  private LoadResult rtt(KeyValues settings) {
    FrameTemplate.Kind kind = kind(settings);
    int size = settings.number("size", SIZE);
    double seconds = settings.real("seconds", 1);
    long count = (long) settings.real("count", Long.MAX_VALUE);
    GuestPair idling = idling(settings);
    settings.requireAllKnown();
    return PingPong.run(idling, kind, size, seconds, count);
  }

  private LoadResult stream(KeyValues settings) {
    FrameTemplate.Kind kind = kind(settings);
    int size = settings.number("size", SIZE);
    int segment = settings.number("segment", SEGMENT);
    int window = settings.number("window", Math.max(1, pair.capacity(size) / 2));
    int burst = settings.number("burst", BURST);
    double seconds = settings.real("seconds", 1);
    GuestPair idling = idling(settings);
    settings.requireAllKnown();
    return Stream.run(idling, kind, size, segment, window, burst, seconds);
  }

  private LoadResult messages(KeyValues settings) {
    FrameTemplate.Kind kind = kind(settings);
    int request = settings.number("request", SIZE);
    int response = settings.number("response", request);
    int segment = settings.number("segment", SEGMENT);
    int inFlight = settings.number("in-flight", IN_FLIGHT);
    double seconds = settings.real("seconds", 1);
    GuestPair idling = idling(settings);
    settings.requireAllKnown();
    return Messages.run(idling, kind, request, response, segment, inFlight, seconds);
  }

  private LoadResult paced(KeyValues settings) {
    FrameTemplate.Kind kind = kind(settings);
    int size = settings.number("size", SIZE);
    int window = settings.number("window", Math.max(1, pair.capacity(size) / 2));
    double rate = settings.real("rate", PACE);
    double seconds = settings.real("seconds", 1);
    GuestPair idling = idling(settings);
    settings.requireAllKnown();
    return Paced.run(idling, kind, size, rate, window, seconds);
  }

  /** The pair, whose threads idle as this round wants it. */
  private GuestPair idling(KeyValues settings) {
    return pair.idling(settings.choice("idling", GuestPair.Idling.class, pair.idling()));
  }

  private String cores(KeyValues settings) {
    double seconds = settings.real("seconds", CORES_SECONDS);
    settings.requireAllKnown();
    return String.format(
        Locale.ROOT,
        "{\"load\":\"cores\",\"round_trip_ns\":%.1f}",
        Cores.roundTripNanos(aCpu, bCpu, seconds));
  }

  private static FrameTemplate.Kind kind(KeyValues settings) {
    return settings.choice("kind", FrameTemplate.Kind.class, FrameTemplate.Kind.UDP);
  }

  static String error(Exception e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    String escaped = message.replace("\\", "\\\\").replace("\"", "\\\"");
    return "{\"error\":\"" + String.join(" ", Arrays.asList(escaped.split("\\p{Cntrl}+"))) + "\"}";
  }
}
