package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.TcpConversation;
import dev.outboard.integration.RunningDaemon.Outcome;
import dev.outboard.integration.live.TalkingGuests;
import dev.outboard.linux.Processes;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code outboard swap --canary} with guests that talk by TCP, and fare well or badly. */
@Timeout(180)
final class CanaryTest {
  private static final long DEADLINE = TimeUnit.SECONDS.toNanos(60);

  /** Twice what a busy machine delays anything, and much more than an idle one. */
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(60);

  @TempDir private Path folder;
  private TalkingGuests guests;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(Processes.isRoot(), "network namespaces need root: sudo ./check");
    guests = new TalkingGuests(folder, new TcpConversation.Pace(100, 200_000));
  }

  @AfterEach
  void stop() {
    if (guests != null) {
      guests.close();
    }
  }

  private Outcome swap(String limit) throws Exception {
    return guests
        .daemon()
        .outboard(
            "swap",
            "--all",
            "--to",
            "one",
            "--canary",
            "50%",
            "--canary-seconds",
            "2",
            "--canary-limit",
            limit);
  }

  @Test
  void whereSomeGoAheadAndFareWellTheOthersFollow() throws Exception {
    Outcome outcome = swap("1000");
    assertEquals(0, outcome.code(), outcome.toString());
    assertTrue(outcome.out().startsWith("canary: p99 "), outcome.out());
    assertEquals("one, local", guests.way("asker"));
    assertEquals("one, local", guests.way("answerer"));
    assertNothingIsLeft();
  }

  @Test
  void whereSomeGoAheadAndFareBadlyAllIsPutBack() throws Exception {
    CompletableFuture<Outcome> command =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return swap("2");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    awaitCanary();
    guests.conversation().delay(SLOW_NANOS);
    Outcome outcome = command.get(2, TimeUnit.MINUTES);
    assertEquals(1, outcome.code(), outcome.toString());
    // Either is true of it, and who of the two went ahead decides which comes first.
    String start = "outboard: the canary failed, all is put back: ";
    assertTrue(
        outcome.err().startsWith(start + "only ")
            || (outcome.err().startsWith(start + "p99 ")
                && outcome.err().endsWith("the limit is 2.00\n")),
        outcome.err());
    assertEquals("none, local", guests.way("asker"));
    assertEquals("none, local", guests.way("answerer"));
    assertNothingIsLeft();
  }

  private void awaitCanary() throws Exception {
    long end = System.nanoTime() + DEADLINE;
    while (true) {
      JsonNode swaps = guests.get("/swaps");
      if (swaps.path(0).path("state").asText().equals("partly")) {
        assertEquals(1, swaps.path(0).path("moved").size(), swaps.toString());
        return;
      }
      assertTrue(System.nanoTime() < end, "nobody goes ahead: " + swaps);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void assertNothingIsLeft() throws Exception {
    assertEquals(0, guests.get("/swaps").size());
    assertEquals(0, guests.get("/observations").size());
    guests.awaitAnswers(10);
  }

  @Test
  void oneGuestAloneCanNotGoAhead() throws Exception {
    Outcome outcome = guests.daemon().outboard("swap", "asker", "--to", "one", "--canary", "5%");
    assertEquals(2, outcome.code(), outcome.toString());
    assertEquals(
        "outboard: --canary needs two guests at least, one that goes ahead and one that waits;"
            + " this swap is about 1\n",
        outcome.err());
    assertEquals("none, local", guests.way("asker"));
    assertNothingIsLeft();
  }
}
