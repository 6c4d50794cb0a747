package dev.outboard.integration.figures;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * One of the paper's findings, and whether it is seen here. Immutable; written to the JSON as it
 * is.
 *
 * @param finding what the paper says of its TAPs
 * @param here what was measured of {@code vmm-tap}
 * @param degree how much of the effect that is
 * @param why what the difference comes from; empty where there is none
 */
public record Effect(String finding, String here, Degree degree, String why) {
  /** How much of an effect is seen. */
  public enum Degree {
    /** As much as in the paper, or half of it. */
    SHOWN("shown"),
    /** The same effect, but less than half of it. */
    WEAKER("shown, but much weaker"),
    /** Nothing that could not be chance, or the contrary. */
    NOT_SHOWN("not shown");

    private final String words;

    Degree(String words) {
      this.words = words;
    }

    /** For people. */
    public String words() {
      return words;
    }

    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Degree of(boolean shown, boolean half) {
      return !shown ? NOT_SHOWN : half ? SHOWN : WEAKER;
    }
  }

  /** With a reason only where one is needed. */
  static Effect of(String finding, String here, Degree degree, String why) {
    return new Effect(finding, here, degree, degree == Degree.SHOWN ? "" : why);
  }
}
