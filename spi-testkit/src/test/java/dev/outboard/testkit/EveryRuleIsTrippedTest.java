package dev.outboard.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.outboard.testkit.broken.BrokenNotifiersTest;
import dev.outboard.testkit.broken.BrokenPoliciesTest;
import dev.outboard.testkit.broken.BrokenTransportsTest;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No rule is there that nothing breaks: each has something broken that must be found by it. */
class EveryRuleIsTrippedTest {
  @Test
  void byAFaultAtLeast() throws Exception {
    Set<String> tripped = new TreeSet<>(BrokenTransportsTest.rules());
    tripped.addAll(BrokenPoliciesTest.rules());
    tripped.addAll(BrokenNotifiersTest.rules());
    Set<String> all =
        Rules.all().stream().map(Rule::id).collect(Collectors.toCollection(TreeSet::new));
    assertEquals(all, tripped);
    System.out.printf("%d rules, each tripped by something broken%n", all.size());
  }
}
