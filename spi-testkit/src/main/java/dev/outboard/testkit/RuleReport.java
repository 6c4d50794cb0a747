package dev.outboard.testkit;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Has a broken {@link Rule} told in one line: which rule, and what was seen. */
final class RuleReport implements TestExecutionExceptionHandler {
  /** What a test ends with whose rule is broken. */
  static final class Broken extends AssertionError {
    private static final long serialVersionUID = 1L;

    Broken(Rule rule, Throwable seen) {
      super(
          "[%s] %s -- seen: %s".formatted(rule.id(), rule.says(), line(seen)),
          seen instanceof AssertionError && seen.getCause() != null ? seen.getCause() : seen);
    }

    private static String line(Throwable seen) {
      String text = String.valueOf(seen.getMessage()).replace('\n', ' ');
      return seen instanceof AssertionError ? text : seen.getClass().getName() + ": " + text;
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    if (thrown instanceof Undeclared) {
      context.publishReportEntry("not declared", thrown.getMessage());
      return;
    }
    Rule rule = context.getTestMethod().map(RuleReport::rule).orElse(null);
    if (rule == null || thrown instanceof TestAbortedException) {
      throw thrown;
    }
    throw new Broken(rule, thrown);
  }

  private static Rule rule(Method method) {
    return method.getAnnotation(Rule.class);
  }
}
