package dev.outboard.testkit.broken;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.outboard.testkit.Rule;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs one rule of a suite, as JUnit does for its author, and gives the results. */
final class KitRun {
  private KitRun() {}

  static List<TestExecutionResult> of(Class<?> kit, String rule) {
    Method method =
        Arrays.stream(kit.getMethods())
            .filter(one -> one.isAnnotationPresent(Rule.class))
            .filter(one -> one.getAnnotation(Rule.class).id().equals(rule))
            .findFirst()
            .orElseThrow(() -> new AssertionError(kit + " has no rule " + rule));
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectMethod(kit, method))
            .filters(EngineFilter.includeEngines("junit-jupiter"))
            .build();
    List<TestExecutionResult> results = new ArrayList<>();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                  results.add(result);
                }
              }
            });
    return results;
  }
}
