package dev.outboard.integration.doctor;

import java.util.List;

/**
 * The answer of {@link Doctor}.
 *
 * @param usable whether the sidecar can run here with so many guests: no finding is {@code no}
 * @param guests for how many the limits were checked
 */
public record Diagnosis(boolean usable, int guests, List<Finding> checks) {
  static Diagnosis of(int guests, List<Finding> checks) {
    boolean usable = checks.stream().noneMatch(check -> check.state() == Finding.State.NO);
    return new Diagnosis(usable, guests, List.copyOf(checks));
  }
}
