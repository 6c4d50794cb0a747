package dev.outboard.bench.start;

import java.util.Locale;

/** What a start has of the cache that the launcher has made. */
enum StartKind {
  /** All of it, as users start it: classes, and how often which code ran at the rehearsal. */
  CACHE(""),
  /** The classes alone: the compilers have to find out again which code matters. */
  CLASSES("-XX:+UnlockDiagnosticVMOptions -XX:-AOTReplayTraining"),
  /** Nothing, not even what comes with the JDK. */
  NO_CACHE("-XX:AOTMode=off");

  private final String options;

  StartKind(String options) {
    this.options = options;
  }

  /** What the launcher has to be told, as {@code OUTBOARD_JAVA_OPTS}. */
  String options() {
    return options;
  }

  /** The name users see. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
