package dev.outboard.integration.live;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.CoreState;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.compare.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * One comparison under live traffic. Made and run by one thread.
 *
 * <p>Theory of operation. Each turn is a swap that is committed, never finished, and taken back
 * when the turn is over: so the guests are on their own ways again between turns, whatever ends us,
 * and both arms begin alike, also the one that is the guests' own way. The first tenth of a turn is
 * not counted. Which arm begins is drawn for each pair, for that is what the permutation test
 * stands on. Two turns make a pair; where the guests are split, each turn has both arms, on one
 * half of the guests each, and the second turn has them the other way round.
 */
public final class LiveComparison {
  private static final int UNCOUNTED = 10;
  private static final Duration KEEP = Duration.ofSeconds(20);

  private final LiveSettings settings;
  private final Path socket;
  private final Progress progress;
  private final RandomGenerator random = new Random();
  private final List<List<String>> halves;
  private Cpus cpus;
  private int turns;

  /** One that is ready to run. */
  public LiveComparison(LiveSettings settings, Path socket, Progress progress) {
    this.settings = settings;
    this.socket = socket;
    this.progress = progress;
    halves = settings.split() ? halves(settings.guests()) : List.of(settings.guests());
  }

  private List<List<String>> halves(List<String> guests) {
    List<String> shuffled = new ArrayList<>(guests);
    Collections.shuffle(shuffled, Random.from(random));
    int half = shuffled.size() / 2;
    return List.of(
        List.copyOf(shuffled.subList(0, half)),
        List.copyOf(shuffled.subList(half, shuffled.size())));
  }

  /** Runs; the guests are on the ways that they had when it returns, or throws, or on Ctrl-C. */
  public LiveResult run() throws UserException, InterruptedException {
    Session session = new Session(socket);
    Thread restore = new Thread(session::close, "outboard-live-restore");
    Runtime.getRuntime().addShutdownHook(restore);
    try (session) {
      return run(session);
    } finally {
      Runtime.getRuntime().removeShutdownHook(restore);
    }
  }

  private LiveResult run(Session session) throws UserException, InterruptedException {
    final Instant start = Instant.now();
    cpus = Cpus.choose();
    JsonNode info = session.info();
    for (String guest : settings.guests()) {
      JsonNode _ = session.guest(guest);
    }
    for (int arm = 0; arm < 2; arm++) {
      session.probe(settings.guests(), settings.arms().get(arm), settings.localForwarding(arm));
    }
    session.observe(settings.guests());
    progress.begin(settings.pairs());
    List<Pair> pairs = new ArrayList<>();
    int comparable = 0;
    while (comparable < settings.pairs() && pairs.size() < 2 * settings.pairs()) {
      progress.step("pair " + (pairs.size() + 1));
      Pair pair = pair(session, pairs.size());
      pairs.add(pair);
      comparable += pair.isComparable() ? 1 : 0;
    }
    return LiveResult.of(settings, LiveHost.of(info, start), pairs);
  }

  private Pair pair(Session session, int number) throws UserException, InterruptedException {
    int begins = random.nextInt(2);
    List<Round> rounds = new ArrayList<>(turn(session, number, begins));
    rounds.addAll(turn(session, number, 1 - begins));
    return new Pair(List.copyOf(rounds));
  }

  /** The first half of the guests takes this arm; if there is a second, it takes the other. */
  private List<Round> turn(Session session, int pair, int first)
      throws UserException, InterruptedException {
    double before = CoreState.measure(cpus);
    for (int half = 0; half < halves.size(); half++) {
      int arm = half == 0 ? first : 1 - first;
      session.take(halves.get(half), settings.arms().get(arm), settings.localForwarding(arm));
    }
    Duration uncounted = settings.period().dividedBy(UNCOUNTED);
    sleep(session, uncounted);
    Snapshot from = session.snapshot(settings.guests());
    sleep(session, settings.period().minus(uncounted));
    Snapshot to = session.snapshot(settings.guests());
    session.back();
    double after = CoreState.measure(cpus);
    int turn = turns++;
    List<Round> rounds = new ArrayList<>();
    for (int half = 0; half < halves.size(); half++) {
      int arm = half == 0 ? first : 1 - first;
      rounds.add(
          new Round(
              pair,
              turn,
              arm,
              halves.get(half),
              List.of(before, after),
              to.machine().wallSince(from.machine()),
              traffic(from, to, halves.get(half), settings.arms().get(arm)),
              to.sidecarSeconds() - from.sidecarSeconds(),
              to.machine().busySince(from.machine())));
    }
    return rounds;
  }

  private static Traffic traffic(Snapshot from, Snapshot to, List<String> guests, String arm) {
    Traffic traffic = Traffic.NONE;
    for (String guest : guests) {
      traffic = traffic.plus(to.guests().get(guest).since(from.guests().get(guest)));
    }
    Map<String, Long> later = to.uplinkDrops().getOrDefault(arm, Map.of());
    Map<String, Long> earlier = from.uplinkDrops().getOrDefault(arm, Map.of());
    return traffic.plus(Snapshot.difference(later, earlier));
  }

  private static void sleep(Session session, Duration time)
      throws UserException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      Thread.sleep(Duration.ofNanos(Math.min(left, KEEP.toNanos())));
      if (left > KEEP.toNanos()) {
        session.keep();
      }
    }
  }
}
