package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.integration.cli.CanaryVerdict.Seen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When guests that went ahead are followed. */
final class CanaryVerdictTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          all as before            | 500, 100, 1000, 0, 1000, 0 | 500, 100, 1000, 0, 1000, 0    | true  | p99 100 us after, 100 us before: 1.00 times
          faster                   | 500, 100, 1000, 0, 1000, 0 | 500, 40, 1000, 0, 1000, 0     | true  | p99 40 us after, 100 us before: 0.40 times
          slower, within the limit | 500, 100, 1000, 0, 1000, 0 | 500, 149, 1000, 0, 1000, 0    | true  | p99 149 us after, 100 us before: 1.49 times
          slower than the limit    | 500, 100, 1000, 0, 1000, 0 | 500, 151, 1000, 0, 1000, 0    | false | p99 151 us after, 100 us before: 1.51 times, the limit is 1.50
          frames are lost          | 500, 100, 1000, 0, 1000, 0 | 500, 100, 1000, 0, 990, 10    | false | 1.00 % of their frames were dropped after, 0.00 % before
          as many lost as before   | 500, 100, 1000, 0, 990, 10 | 500, 100, 1000, 0, 990, 10    | true  | p99 100 us after, 100 us before: 1.00 times
          segments are sent again  | 500, 100, 1000, 5, 1000, 0 | 500, 100, 1000, 50, 1000, 0   | false | 5.00 % of their segments were sent again after, 0.50 % before
          silent before            | 99, 100, 1000, 0, 1000, 0  | 500, 100, 1000, 0, 1000, 0    | false | too little TCP to judge by: 99 round trips before, 100 are needed; wait longer (--canary-seconds), or swap without --canary
          silent after             | 500, 100, 1000, 0, 1000, 0 | 3, 100, 10, 0, 10, 0          | false | only 3 round trips after, 500 before
          """)
  void theyAreFollowedIfTheyFareNoWorse(
      String what, String before, String after, boolean good, String reason) {
    assertEquals(new CanaryVerdict(good, reason), CanaryVerdict.of(1.5, seen(before), seen(after)));
  }

  private static Seen seen(String figures) {
    String[] parts = figures.split(", *", -1);
    return new Seen(
        Long.parseLong(parts[0]),
        Double.parseDouble(parts[1]),
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]),
        Long.parseLong(parts[4]),
        Long.parseLong(parts[5]));
  }
}
