package dev.outboard.testkit.broken;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.outboard.testkit.Rule;
import dev.outboard.testkit.TransportKit;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

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
    List<TestExecutionResult> results = run(BrokenKits.of(fault, patience), fault.rule());
    assertEquals(1, results.size());
    TestExecutionResult result = results.getFirst();
    assertEquals(TestExecutionResult.Status.FAILED, result.getStatus(), result.toString());
    return result.getThrowable().orElseThrow().getMessage();
  }

  private static List<TestExecutionResult> run(Class<? extends TransportKit> kit, String rule) {
    Method method =
        Arrays.stream(kit.getMethods())
            .filter(one -> one.isAnnotationPresent(Rule.class))
            .filter(one -> one.getAnnotation(Rule.class).id().equals(rule))
            .findFirst()
            .orElseThrow(() -> new AssertionError(kit + " has no rule " + rule));
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectMethod(kit, method))
            .filters(EngineFilter.includeEngines("junit-jupiter"))
            .build();
    List<TestExecutionResult> results = new ArrayList<>();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                  results.add(result);
                }
              }
            });
    return results;
  }
}
