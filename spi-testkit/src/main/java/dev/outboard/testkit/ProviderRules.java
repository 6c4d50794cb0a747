package dev.outboard.testkit;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportProvider;
import java.util.HashSet;
import java.util.Set;

/** What users see of a transport before a frame moves: name, availability, settings, opening. */
interface ProviderRules {
  @Rule(
      id = "provider-1",
      says = "The name is what users write in their configuration: one lower-case word.")
  default void nameIsOneWord(Bench bench) {
    String name = bench.provider().name();
    Check.that(name != null && name.matches("[a-z][a-z0-9-]*"), () -> "'" + name + "'");
    Check.same(name, bench.provider().name(), "the name, asked for again");
  }

  @Rule(
      id = "provider-2",
      says = "probe() is cheap and without side effects, and its answer stays the same.")
  default void probeLeavesNothing(Bench bench) throws Exception {
    TransportProvider provider = bench.provider();
    Availability first = provider.probe();
    Holdings before = Holdings.now();
    long start = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      Check.same(first, provider.probe(), "the answer when asked again");
    }
    long nanos = System.nanoTime() - start;
    Check.that(
        nanos < bench.patience().toNanos(),
        () -> "asking 50 times took %d ms".formatted(nanos / 1_000_000));
    Holdings.checkNoMore(before, bench.patience());
    Holdings.checkNoNewThread(before, bench.patience());
  }

  @Rule(
      id = "provider-3",
      says = "What can be used has no reason and no remedy; what can't has both, a line each.")
  default void availabilityHasReasonAndRemedy(Bench bench) {
    Availability answer = bench.provider().probe();
    if (answer.usable()) {
      Check.same("", answer.reason(), "the reason of a usable transport");
      Check.same("", answer.remedy(), "the remedy of a usable transport");
    } else {
      Check.line("the reason is", answer.reason());
      Check.line("the remedy is", answer.remedy());
    }
  }

  @Rule(
      id = "provider-4",
      says = "Settings have names of their own, help of one line, and a default of their type.")
  default void settingsAreDocumented(Bench bench) {
    Set<String> names = new HashSet<>();
    for (Setting setting : bench.provider().settings()) {
      String name = setting.name();
      Check.that(name.matches("[a-z][a-z0-9.-]*"), () -> "the setting's name is '" + name + "'");
      Check.that(names.add(name), () -> "there are two settings " + name);
      Check.line("the help of " + name + " is", setting.help());
      String value = setting.defaultValue();
      boolean parses =
          switch (setting.type()) {
            case TEXT -> value != null;
            case NUMBER -> value.matches("[0-9]{1,9}");
            case FLAG -> value.equals("true") || value.equals("false");
          };
      Check.that(
          parses,
          () -> "%s is a %s, and its default is '%s'".formatted(name, setting.type(), value));
    }
  }

  @Rule(
      id = "provider-5",
      says = "open() asks for settings that settings() lists, and for no others.")
  default void onlyListedSettingsAreAskedFor(Bench bench) throws Exception {
    Uplink uplink;
    try {
      uplink = bench.openLeft();
    } catch (IllegalArgumentException e) {
      throw new AssertionError(e.getMessage(), e);
    }
    Check.that(uplink.host().unlisted.isEmpty(), () -> "it asked for " + uplink.host().unlisted);
  }

  @Rule(
      id = "provider-6",
      says = "A value that is of its setting's type and can't be used is refused by one line.")
  default void uselessValuesAreRefused(Bench bench) {
    for (Setting setting : bench.provider().settings()) {
      String useless =
          switch (setting.type()) {
            case TEXT -> "%no such thing%";
            case NUMBER -> "999999999";
            case FLAG -> "false";
          };
      Side side = bench.kit().left().with(setting.name(), useless);
      boolean _ =
          Check.mayBeRefused(
              "open() with %s: %s".formatted(setting.name(), useless),
              () -> bench.closeUplink(bench.open("left", side)));
    }
  }

  @Rule(
      id = "provider-7",
      says = "Several uplinks may be open at once; one that opens or closes leaves others alone.")
  default void uplinksAreIndependent(Bench bench) throws Exception {
    Pair pair = bench.pair();
    pair.mustCarrySome(0);
    if (bench.isOneUplink()) {
      Uplink other = bench.open("other", bench.kit().left());
      Transport transport = other.transport();
      Check.that(
          transport != pair.left().uplink.transport(), () -> "open() returned the same object");
      pair.mustCarrySome(8);
      bench.closeUplink(other);
      pair.mustCarrySome(16);
      return;
    }
    pair.mustCarrySome(8);
    pair.reversed().mustCarrySome(16);
    bench.closeRight(pair);
    Pair again = bench.reopenRight(pair);
    again.mustCarrySome(24);
  }
}
