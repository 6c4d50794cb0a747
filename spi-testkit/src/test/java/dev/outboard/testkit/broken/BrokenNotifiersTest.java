package dev.outboard.testkit.broken;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Notifier;
import dev.outboard.spi.NotifierProvider;
import dev.outboard.testkit.NotifierKit;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;

/** The kit finds what is wrong with each of these notifiers; PlainNotifierTest keeps all rules. */
public class BrokenNotifiersTest {
  private static volatile NotifierFaults.Maker tried;

  /** The rules that broken notifiers trip. */
  public static Set<String> rules() {
    return NotifierFaults.all().keySet();
  }

  static Stream<String> faults() {
    return rules().stream().sorted();
  }

  @AfterEach
  void clearAway() {
    NotifierFaults.LEFT.forEach(PlainNotifier::close);
    NotifierFaults.LEFT.clear();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theRuleIsFoundBroken(String rule) {
    tried = NotifierFaults.all().get(rule);
    TestExecutionResult result = KitRun.of(Broken.class, rule).getFirst();
    assertEquals(TestExecutionResult.Status.FAILED, result.getStatus(), result.toString());
    String line = result.getThrowable().orElseThrow().getMessage();
    assertTrue(line.startsWith("[" + rule + "] "), line);
  }

  /** Opens what a maker makes, under the name of a good one. */
  record Provider(NotifierFaults.Maker maker) implements NotifierProvider {
    @Override
    public String name() {
      return "plain";
    }

    @Override
    public Availability probe() {
      return Availability.yes();
    }

    @Override
    public Notifier open() throws LinuxException {
      return maker.make();
    }
  }

  /** As an author would write it; not found as a test by itself. */
  static class Broken extends NotifierKit {
    @Override
    protected NotifierProvider provider() {
      return new Provider(tried);
    }

    @Override
    protected Duration patience() {
      return Duration.ofMillis(300);
    }
  }
}
