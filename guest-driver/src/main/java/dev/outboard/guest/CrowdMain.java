package dev.outboard.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * All guests of one of two hosts in a process of its own, in the host's network: opens them as its
 * arguments say, then does what each line tells. Between lines it sleeps.
 *
 * <pre>
 *   arguments   host=0 pairs=20 guests=vhost-user sockets=/run/x ends=guest
 *   first line  {"ready":20}
 *   read        greet
 *               ask from=guest to=end pairs=5 seconds=0.5 size=18 window=1
 *               answer from=end to=guest pairs=5 size=18 window=1
 *               stop
 *   answered    {"serving":5} to answer, then to ask and stop {"messages":...} or {"error":"..."}
 * </pre>
 */
public final class CrowdMain {
  private final Crowd crowd;
  private final PrintStream out;
  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  private CrowdMain(Crowd crowd, PrintStream out) {
    this.crowd = crowd;
    this.out = out;
  }

  /** Runs until the end of the input. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    KeyValues settings = new KeyValues(List.of(arguments));
    int pairs = settings.number("pairs", 1);
    try (Crowd crowd = Crowd.open(settings)) {
      out.println("{\"ready\":" + pairs + "}");
      new CrowdMain(crowd, out).serve();
    } catch (Exception e) {
      out.println(LoadMain.error(e));
      System.exit(1);
    }
  }

  private void serve() throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> words = List.of(line.strip().split(" +"));
      try {
        serve(words.getFirst(), new KeyValues(words.subList(1, words.size())));
      } catch (RuntimeException e) {
        out.println(LoadMain.error(e));
      }
    }
  }

  private void serve(String command, KeyValues settings) throws IOException {
    switch (command) {
      case "greet" -> {
        crowd.greet();
        out.println("{\"greeted\":true}");
      }
      case "ask" -> {
        double seconds = settings.real("seconds", 1);
        crowd.drain(0);
        out.println(json(talk(settings, guest -> guest.ask(seconds))));
      }
      case "answer" -> answer(settings);
      default -> throw new IllegalArgumentException("unknown command '" + command + "'");
    }
  }

  private void answer(KeyValues settings) throws IOException {
    AtomicBoolean stopped = new AtomicBoolean();
    // Before anybody is told to ask: what comes from now on is a question.
    crowd.drain(0);
    FutureTask<List<CrowdGuest>> answers =
        new FutureTask<>(() -> talk(settings, new Crowd.Answering(stopped::get)));
    Thread thread = Thread.ofPlatform().name("answers").start(answers);
    out.println("{\"serving\":true}");
    String _ = in.readLine();
    stopped.set(true);
    try {
      thread.join();
      out.println(json(answers.get()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    }
  }

  private List<CrowdGuest> talk(KeyValues settings, Consumer<CrowdGuest> what) {
    Crowd.Party from = settings.choice("from", Crowd.Party.class, Crowd.Party.GUEST);
    Crowd.Party to = settings.choice("to", Crowd.Party.class, Crowd.Party.GUEST);
    int count = settings.number("pairs", 1);
    Conversation conversation = Conversation.of(settings);
    settings.requireAllKnown();
    return crowd.talk(from, to, count, conversation, what);
  }

  private static String json(List<CrowdGuest> guests) {
    Histogram all = new Histogram(guests.getFirst().rtt);
    long messages = 0;
    long given = 0;
    long sent = 0;
    long received = 0;
    long bytes = 0;
    long corrupt = 0;
    long begun = Long.MAX_VALUE;
    long ended = Long.MIN_VALUE;
    for (CrowdGuest guest : guests) {
      all.add(guest.rtt);
      messages += guest.answered - guest.given;
      given += guest.given;
      sent += guest.mouth().framesSent();
      received += guest.mouth().framesReceived();
      bytes += guest.mouth().bytesReceived();
      corrupt += guest.mouth().corrupt();
      begun = Math.min(begun, guest.begun);
      ended = Math.max(ended, guest.ended);
    }
    return String.format(
        Locale.ROOT,
        "{\"messages\":%d,\"given_up\":%d,\"seconds\":%.6f,\"frames_sent\":%d,"
            + "\"frames_received\":%d,\"bytes_received\":%d,\"corrupt\":%d,"
            + "\"p50_ns\":%d,\"p99_ns\":%d,\"mean_ns\":%.0f}",
        messages,
        given,
        (ended - begun) / 1e9,
        sent,
        received,
        bytes,
        corrupt,
        all.getValueAtPercentile(50),
        all.getValueAtPercentile(99),
        all.getTotalCount() == 0 ? 0 : all.getMean());
  }
}
