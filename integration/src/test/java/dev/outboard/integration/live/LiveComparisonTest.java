package dev.outboard.integration.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.TcpConversation;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.Progress;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Running guests are compared, and are as they were afterwards. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
final class LiveComparisonTest {
  private static final List<String> BOTH = List.of("asker", "answerer");
  private static final Progress SILENT = new Silent();

  private TalkingGuests guests;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    assumeTrue(Processes.isRoot(), "making TAPs needs root");
    guests = new TalkingGuests(folder, new TcpConversation.Pace(1000, 200_000));
  }

  @AfterAll
  void stop() {
    if (guests != null) {
      guests.close();
    }
  }

  @Test
  void framesTakeBothArmsInPairsAndAreWatched() throws Exception {
    Set<String> ways = new ConcurrentSkipListSet<>();
    LiveResult result;
    try (Watch _ = new Watch(guests.daemon().socket(), ways)) {
      result = compare(List.of("local", "lan"), Duration.ofMillis(500), 2, false);
    }
    assertTrue(ways.containsAll(List.of("none, local", "lan")), ways.toString());
    assertRestored();
    assertEquals(
        List.of("local", "lan"), result.arms().stream().map(LiveResult.Arm::name).toList());
    for (LiveResult.RoundView round : result.rounds()) {
      assertTrue(round.roundTrips() > 0 && round.p50Us() > 0, round.toString());
      assertTrue(round.bytes() > 1000 * round.roundTrips(), round.toString());
      assertTrue(round.seconds() > 0.4, round.toString());
      assertEquals(BOTH, round.guests());
    }
    for (int pair = 0; pair < result.rounds().size() / 2; pair++) {
      Set<String> arms =
          Set.of(result.rounds().get(2 * pair).arm(), result.rounds().get(2 * pair + 1).arm());
      assertEquals(Set.of("local", "lan"), arms);
    }
    assertEquals(result.rounds().size(), 2 * (result.pairs() + result.leftOut()));
    assertTrue(
        result.verdicts().getFirst().text().startsWith("rtt p50: too few pairs"),
        result.verdicts().toString());
  }

  @Test
  void halvesOfTheGuestsTakeOneArmEachAndChange() throws Exception {
    LiveResult result = compare(List.of("one", "two"), Duration.ofMillis(200), 1, true);
    assertRestored();
    for (int i = 0; i < result.rounds().size(); i += 4) {
      List<LiveResult.RoundView> pair = result.rounds().subList(i, i + 4);
      assertEquals(pair.get(0).turn(), pair.get(1).turn());
      assertEquals(pair.get(0).guests(), pair.get(2).guests());
      assertEquals(pair.get(0).arm(), pair.get(3).arm());
      assertEquals(
          Set.copyOf(BOTH),
          Set.of(pair.get(0).guests().getFirst(), pair.get(1).guests().getFirst()));
    }
    assertTrue(result.arms().stream().allMatch(arm -> arm.cpuSPerGb() == null));
    // One of the two alone sends payload: what it has on either arm makes the pair.
    assertEquals(result.pairs(), result.verdicts().getFirst().pairs());
  }

  @Test
  void anArmThatCannotBeTakenChangesNothing() throws Exception {
    UserException refused =
        assertThrows(
            UserException.class,
            () -> compare(List.of("one", "pigeons"), Duration.ofSeconds(1), 1, false));
    assertTrue(
        refused.getMessage().endsWith("unknown uplink 'pigeons', known are: lan, one, two"),
        refused.getMessage());
    assertRestored();
  }

  private LiveResult compare(List<String> arms, Duration period, int pairs, boolean split)
      throws UserException, InterruptedException {
    LiveSettings settings = new LiveSettings(BOTH, arms, period, pairs, split).checked();
    return new LiveComparison(settings, guests.daemon().socket(), SILENT).run();
  }

  private void assertRestored() throws Exception {
    for (String guest : BOTH) {
      assertEquals("none, local", guests.way(guest));
    }
    assertEquals(0, guests.get("/swaps").size());
    assertEquals(0, guests.get("/observations").size());
    guests.awaitAnswers(10);
  }

  /** Nobody wants to know. */
  private static final class Silent implements Progress {
    @Override
    public void begin(int steps) {}

    @Override
    public void step(String what) {}
  }

  /** Notes which ways a guest has while it runs. */
  private static final class Watch implements AutoCloseable {
    private final CompletableFuture<Void> watching;
    private volatile boolean stopped;

    Watch(Path socket, Collection<String> ways) {
      watching = CompletableFuture.runAsync(() -> watch(socket, ways));
    }

    private void watch(Path socket, Collection<String> ways) {
      try (ApiClient api = new ApiClient(socket)) {
        while (!stopped) {
          JsonNode guest = Json.api().readTree(api.call("GET", "/guests/asker", ""));
          ways.add(TalkingGuests.way(guest));
          Thread.sleep(10);
        }
      } catch (Exception e) {
        ways.add(e.toString());
      }
    }

    @Override
    public void close() {
      stopped = true;
      watching.join();
    }
  }
}
