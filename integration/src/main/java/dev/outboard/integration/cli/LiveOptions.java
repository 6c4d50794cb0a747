package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.Progress;
import dev.outboard.integration.live.LiveComparison;
import dev.outboard.integration.live.LiveResult;
import dev.outboard.integration.live.LiveSettings;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The options of {@code compare --live}. Mixed into {@link CompareCommand}. */
final class LiveOptions {
  private static final List<String> OWN =
      List.of("--guests", "--period", "--pairs", "--split", "--api");
  private static final List<String> OTHERS =
      List.of("--topology", "--rounds", "--seconds", "--link-rate");
  private static final Pattern TIME = Pattern.compile("([0-9]{1,6}(?:\\.[0-9]{1,6})?)(ms|s|m)");
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int MILLIS_PER_SECOND = 1000;
  private static final int MILLIS_PER_MINUTE = 60_000;

  @Option(names = "--live", description = "Compare under the traffic of a daemon's guests.")
  private boolean live;

  @Option(
      names = "--guests",
      split = ",",
      paramLabel = "GUEST",
      description = "With --live: whose frames take the arms.")
  private List<String> guests = List.of();

  @Option(
      names = "--period",
      paramLabel = "TIME",
      defaultValue = "10s",
      description =
          "With --live: how long they take one before the other; the first tenth is not counted"
              + " (default: ${DEFAULT-VALUE}).")
  private String period;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "12",
      description =
          "With --live: how often each arm has its turn (default: ${DEFAULT-VALUE}). Below 8,"
              + " nothing can be shown.")
  private int pairs;

  @Option(
      names = "--split",
      description = "With --live: half of the guests take one arm while the others take the other.")
  private boolean split;

  @Mixin private ApiOption api;

  /** Whether it is a live comparison; options of the other kind are refused. */
  boolean isChosen(ParseResult line) throws UserException {
    for (String option : live ? OTHERS : OWN) {
      if (line.hasMatchedOption(option)) {
        throw UserException.input(
            option + (live ? " does not go with --live" : " needs --live"), null);
      }
    }
    return live;
  }

  LiveResult run(List<String> arms, Progress progress) throws UserException, InterruptedException {
    List<String> both = arms == null ? List.of() : arms;
    LiveSettings settings = new LiveSettings(guests, both, parse(period), pairs, split).checked();
    return new LiveComparison(settings, api.path(), progress).run();
  }

  private static Duration parse(String text) throws UserException {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw UserException.input(
          "--period must be a time such as 10s, 500ms or 1m, not '" + text + "'", null);
    }
    int unit =
        switch (matcher.group(2)) {
          case "m" -> MILLIS_PER_MINUTE;
          case "s" -> MILLIS_PER_SECOND;
          default -> 1;
        };
    double millis = Double.parseDouble(matcher.group(1)) * unit;
    return Duration.ofNanos((long) (millis * NANOS_PER_MILLI));
  }
}
