package dev.outboard.integration.live;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.guest.TcpConversation;
import dev.outboard.integration.compare.Progress;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.statistics.NoiseFloor;
import dev.outboard.integration.statistics.Statistics;
import dev.outboard.integration.statistics.Verdict;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import dev.outboard.testing.LongTier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether live comparisons say what is true: nothing of a way against itself, and which is slower
 * where one of two guests answers later while frames have a certain way. What guests have and what
 * the comparison does are as in life; only the guests are stand-ins.
 */
final class LiveStatisticsTest {
  private static final List<String> BOTH = List.of("asker", "answerer");
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int PAIRS = 15;
  private static final int RUNS = 20;
  private static final int RIGHT = 19;
  private static final double SLOWDOWN = 1.2;
  private static final double NANOS_PER_MICRO = 1000;

  @TempDir private Path folder;
  private TalkingGuests guests;
  private final List<List<Double>> rounds = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Processes.isRoot(), "a network namespace needs root");
    guests = new TalkingGuests(folder, new TcpConversation.Pace(1000, 200_000));
  }

  @AfterEach
  void stop() {
    if (guests != null) {
      guests.close();
    }
  }

  @LongTier("live-statistics")
  void aWayAgainstItselfIsNoDifferenceInNineteenOfTwentyRuns() throws Exception {
    int none = 0;
    for (int run = 0; run < RUNS; run++) {
      LiveResult result = compare("one", "two", PERIOD, PAIRS);
      none += result.verdicts().getFirst().kind() == Verdict.Kind.NONE ? 1 : 0;
      print("A/A", run, result);
    }
    System.out.println("live statistics, recorded: " + Json.api().valueToTree(rounds));
    int wrong = Resampling.falsePositives(rounds, PAIRS);
    sayNoise("A/A");
    say(
        "A/A: no difference in %d of %d runs, %d false positives in %d resamplings of the rounds",
        none, RUNS, wrong, Resampling.TIMES);
    assertTrue(none >= RIGHT, none + " of " + RUNS);
    assertTrue(wrong <= Resampling.TOLERATED, wrong + " of " + Resampling.TIMES);
  }

  @LongTier("live-statistics-slowdown")
  void aGuestThatAnswersAFifthLaterIsFoundInNineteenOfTwentyRuns() throws Exception {
    double median = medianOf(compare("two", "one", PERIOD, 5), "one");
    int found = 0;
    for (int run = 0; run < RUNS; run++) {
      double delay = median * (SLOWDOWN - 1);
      LiveResult result;
      try (SlowOn _ = new SlowOn("two", delay)) {
        result = compare("two", "one", PERIOD, PAIRS);
      }
      found += result.verdicts().getFirst().kind() == Verdict.Kind.WORSE ? 1 : 0;
      median = medianOf(result, "one");
      say("%.1f us later, %.0f %% of the median of run %d", delay, 100 * delay / median, run + 1);
      print("slowdown", run, result);
    }
    sayNoise("slowdown");
    say("slowdown: found in %d of %d runs", found, RUNS);
    assertTrue(found >= RIGHT, found + " of " + RUNS);
  }

  private LiveResult compare(String one, String other, Duration period, int pairs)
      throws Exception {
    LiveSettings settings =
        new LiveSettings(BOTH, List.of(one, other), period, pairs, false).checked();
    return new LiveComparison(settings, guests.daemon().socket(), new Silent()).run();
  }

  /** The middle of an arm's median round trips, in microseconds. */
  private static double medianOf(LiveResult result, String arm) {
    return Statistics.median(
        result.rounds().stream()
            .filter(round -> round.arm().equals(arm))
            .map(LiveResult.RoundView::p50Us)
            .toList());
  }

  private void print(String what, int run, LiveResult result) {
    for (int arm = 0; arm < 2; arm++) {
      String name = result.arms().get(arm).name();
      rounds.add(
          result.rounds().stream()
              .filter(round -> round.compared() && round.arm().equals(name))
              .map(LiveResult.RoundView::p50Us)
              .toList());
    }
    LiveResult.Finding finding = result.verdicts().getFirst();
    say(
        "%s, run %d: %s (p %.4f, %d pairs, %d left out; states %s)",
        what,
        run + 1,
        finding.text(),
        finding.p(),
        result.pairs(),
        result.leftOut(),
        result.coreStates());
  }

  private void sayNoise(String what) {
    NoiseFloor floor = NoiseFloor.of(rounds, PAIRS, Verdict.ALPHA);
    say(
        "%s: noise floor %.3f, smallest effect found at 95 %% power %.3f, of %d pairs",
        what, floor.factor(), floor.smallestEffect(), PAIRS);
  }

  private static void say(String text, Object... values) {
    System.out.println("live statistics, " + String.format(Locale.ROOT, text, values));
  }

  /** Has a guest answer later whenever the frames of the other have a certain way. */
  private final class SlowOn implements AutoCloseable {
    private final CompletableFuture<Void> watching;
    private volatile boolean stopped;

    SlowOn(String uplink, double micros) {
      long nanos = (long) (micros * NANOS_PER_MICRO);
      watching = CompletableFuture.runAsync(() -> watch(uplink, nanos));
    }

    private void watch(String uplink, long nanos) {
      TcpConversation conversation = guests.conversation();
      try (ApiClient api = new ApiClient(guests.daemon().socket())) {
        while (!stopped) {
          String way =
              Json.api().readTree(api.call("GET", "/guests/asker", "")).path("uplink").asText();
          conversation.delay(way.equals(uplink) ? nanos : 0);
          Thread.sleep(20);
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      } finally {
        conversation.delay(0);
      }
    }

    @Override
    public void close() {
      stopped = true;
      watching.join();
    }
  }

  /** Nobody wants to know. */
  private static final class Silent implements Progress {
    @Override
    public void begin(int steps) {}

    @Override
    public void step(String what) {}
  }
}
