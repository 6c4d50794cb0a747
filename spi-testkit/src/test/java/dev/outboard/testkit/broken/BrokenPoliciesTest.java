package dev.outboard.testkit.broken;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.IsolationPolicy;
import dev.outboard.testkit.IsolationPolicyKit;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;

/** The kit finds what is wrong with each of these policies. */
public class BrokenPoliciesTest {
  private static volatile IsolationPolicy tried;

  /** A good policy, but for what is overridden: the worker with the fewest guests. */
  private static class Good implements IsolationPolicy {
    int asked;

    @Override
    public String name() {
      return "good";
    }

    @Override
    public int permanentWorkers(int limit) {
      return limit;
    }

    @Override
    public int place(Guest guest, List<Worker> workers) {
      return workers.stream()
          .min((a, b) -> a.guests().size() - b.guests().size())
          .map(Worker::number)
          .orElse(NEW_WORKER);
    }

    @Override
    public List<Integer> spread(Guest guest, int queuePairs, int first, List<Worker> workers) {
      return workers.stream()
          .map(Worker::number)
          .filter(number -> number != first)
          .limit(queuePairs - 1L)
          .toList();
    }

    @Override
    public boolean mayMove(Guest guest, Worker worker) {
      return true;
    }
  }

  /** One way to break a rule. */
  record Fault(String rule, IsolationPolicy policy) {
    @Override
    public String toString() {
      return rule;
    }
  }

  private static List<Fault> all() {
    return List.of(
        new Fault(
            "policy-1",
            new Good() {
              @Override
              public String name() {
                return "not a name";
              }
            }),
        new Fault(
            "policy-2",
            new Good() {
              @Override
              public int permanentWorkers(int limit) {
                return Math.max(2, limit);
              }
            }),
        new Fault(
            "policy-3",
            new Good() {
              @Override
              public int permanentWorkers(int limit) {
                return asked++ == 0 ? limit : 0;
              }
            }),
        new Fault(
            "policy-4",
            new Good() {
              @Override
              public int place(Guest guest, List<Worker> workers) {
                return workers.size() - 1;
              }
            }),
        new Fault(
            "policy-5",
            new Good() {
              @Override
              public int place(Guest guest, List<Worker> workers) {
                return workers.getFirst().number();
              }
            }),
        new Fault(
            "policy-6",
            new Good() {
              @Override
              public int place(Guest guest, List<Worker> workers) {
                asked++;
                return workers.isEmpty()
                    ? NEW_WORKER
                    : workers.get(asked % workers.size()).number();
              }
            }),
        new Fault(
            "policy-7",
            new Good() {
              @Override
              public boolean mayMove(Guest guest, Worker worker) {
                return asked++ == 0;
              }
            }),
        new Fault(
            "policy-8",
            new Good() {
              @Override
              public int place(Guest guest, List<Worker> workers) {
                workers.sort((a, b) -> a.guests().size() - b.guests().size());
                return super.place(guest, workers);
              }
            }),
        new Fault(
            "policy-9",
            new Good() {
              @Override
              public boolean mayMove(Guest guest, Worker worker) {
                return worker.guests().isEmpty();
              }
            }),
        new Fault(
            "policy-10",
            new Good() {
              @Override
              public List<Integer> spread(
                  Guest guest, int queuePairs, int first, List<Worker> workers) {
                return workers.stream().map(Worker::number).toList();
              }
            }),
        new Fault(
            "policy-11",
            new Good() {
              @Override
              public List<Integer> spread(
                  Guest guest, int queuePairs, int first, List<Worker> workers) {
                return asked++ == 0 ? List.of() : super.spread(guest, queuePairs, first, workers);
              }
            }));
  }

  /** The rules that broken policies trip. */
  public static Set<String> rules() {
    return all().stream().map(Fault::rule).collect(Collectors.toSet());
  }

  static Stream<Fault> faults() {
    return all().stream();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theRuleIsFoundBroken(Fault fault) {
    tried = fault.policy();
    TestExecutionResult result = KitRun.of(Broken.class, fault.rule()).getFirst();
    assertEquals(TestExecutionResult.Status.FAILED, result.getStatus(), result.toString());
    String line = result.getThrowable().orElseThrow().getMessage();
    assertTrue(line.startsWith("[" + fault.rule() + "] "), line);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void withoutTheFaultTheRuleIsKept(Fault fault) {
    tried = new Good();
    TestExecutionResult result = KitRun.of(Broken.class, fault.rule()).getFirst();
    assertEquals(TestExecutionResult.Status.SUCCESSFUL, result.getStatus(), result.toString());
  }

  /** As an author would write it; not found as a test by itself. */
  static class Broken extends IsolationPolicyKit {
    @Override
    protected IsolationPolicy policy() {
      return tried;
    }
  }
}
