package dev.outboard.testing;

import java.io.IOException;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides whether an item of the long tier runs, and writes down that it has passed. */
final class LongTierExtension implements ExecutionCondition, AfterTestExecutionCallback {
  /** How {@code ./check} tells these from tests that could not run. */
  private static final String REASON = "long tier: ";

  private final LongTierRecord passed = LongTierRecord.ofProject();

  /** For JUnit. */
  LongTierExtension() {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String item = item(context);
    return evaluate(item, System.getProperty("long", ""), passed);
  }

  static ConditionEvaluationResult evaluate(String item, String wanted, LongTierRecord passed) {
    if (!wanted.equals("true") && !wanted.equals(item)) {
      return ConditionEvaluationResult.disabled(REASON + item);
    }
    String commit = passed.commitOf(item);
    return commit.isEmpty()
        ? ConditionEvaluationResult.enabled(REASON + item)
        : ConditionEvaluationResult.disabled(
            REASON + item + " has passed for commit " + commit + "; see " + passed.file(item));
  }

  @Override
  public void afterTestExecution(ExtensionContext context) throws IOException {
    if (context.getExecutionException().isEmpty()) {
      passed.add(item(context));
    }
  }

  private static String item(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), LongTier.class)
        .map(LongTier::value)
        .orElse("");
  }
}
