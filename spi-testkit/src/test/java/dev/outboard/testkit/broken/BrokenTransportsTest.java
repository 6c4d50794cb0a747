package dev.outboard.testkit.broken;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;

/** The kit finds each fault, and says in one line which rule it breaks. */
public class BrokenTransportsTest {
  /** Tried in turn, in milliseconds: on a busy machine something else may be late as well. */
  private static final int[] SHORT = {250, 1_000, 5_000};

  private static final int[] LONG = {20_000};

  /** The rules that broken transports trip. */
  public static Set<String> rules() {
    return Faults.all().stream().map(Fault::rule).collect(Collectors.toSet());
  }

  static Stream<Fault> faults() {
    return Faults.all().stream();
  }

  @AfterEach
  void clearAway() throws InterruptedException {
    Leaks.clear();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theRuleIsFoundBroken(Fault fault) {
    String line = "";
    for (int millis : fault.waits() ? SHORT : LONG) {
      line = lineOf(fault, Duration.ofMillis(millis));
      if (isSeen(fault, line)) {
        break;
      }
    }
    assertTrue(line.startsWith("[" + fault.rule() + "] "), line);
    assertTrue(isSeen(fault, line), line);
    assertEquals(1, line.lines().count(), line);
  }

  private static boolean isSeen(Fault fault, String line) {
    return line.substring(Math.max(0, line.indexOf("seen:"))).contains(fault.seen());
  }

  private static String lineOf(Fault fault, Duration patience) {
    List<TestExecutionResult> results = KitRun.of(BrokenKits.of(fault, patience), fault.rule());
    assertEquals(1, results.size());
    TestExecutionResult result = results.getFirst();
    assertEquals(TestExecutionResult.Status.FAILED, result.getStatus(), result.toString());
    return result.getThrowable().orElseThrow().getMessage();
  }
}
