package dev.outboard.integration.report;

import dev.outboard.integration.statistics.Verdict;

/** How a verdict is told apart: by a sign, a word, a shape, and by colour last. Immutable. */
enum Mark {
  BETTER("▲", "better", 2),
  WORSE("▼", "worse", 4),
  NONE("○", "no difference shown", 0);

  private final String sign;
  private final String word;
  private final int shape;

  Mark(String sign, String word, int shape) {
    this.sign = sign;
    this.word = word;
    this.shape = shape;
  }

  static Mark of(Verdict.Kind kind) {
    return switch (kind) {
      case BETTER -> BETTER;
      case WORSE -> WORSE;
      case NONE -> NONE;
    };
  }

  String sign() {
    return sign;
  }

  String word() {
    return word;
  }

  int shape() {
    return shape;
  }

  /** The class in the page's style. */
  String style() {
    return switch (this) {
      case BETTER -> "better";
      case WORSE -> "worse";
      case NONE -> "none";
    };
  }
}
