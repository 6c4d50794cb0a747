package dev.outboard.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.outboard.spi.IsolationPolicy;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each policy decides: where a guest goes, how many workers stay, which moves are allowed. */
class PoliciesTest {
  private static final IsolationPolicy SHARED = new Shared();
  private static final IsolationPolicy THREAD_PER_VM = new ThreadPerVm();
  private static final IsolationPolicy.Guest GUEST = new IsolationPolicy.Guest("new", "acme");
  private static final int NEW = IsolationPolicy.NEW_WORKER;

  @Test
  void bothAreFoundByName() {
    Set<String> names =
        ServiceLoader.load(IsolationPolicy.class).stream()
            .map(found -> found.get().name())
            .collect(Collectors.toSet());
    assertEquals(Set.of("shared", "thread-per-vm"), names);
  }

  static Stream<Arguments> placements() {
    return Stream.of(
        arguments(SHARED, List.of(0), 0),
        arguments(SHARED, List.of(7), 0),
        arguments(SHARED, List.of(0, 0), 0),
        arguments(SHARED, List.of(1, 0), 1),
        arguments(SHARED, List.of(2, 1, 1), 1),
        arguments(SHARED, List.of(3, 4, 2), 2),
        arguments(THREAD_PER_VM, List.of(), NEW),
        arguments(THREAD_PER_VM, List.of(1), NEW),
        arguments(THREAD_PER_VM, List.of(1, 1), NEW));
  }

  @ParameterizedTest
  @MethodSource("placements")
  void aGuestGoesWhereThePolicySays(IsolationPolicy policy, List<Integer> guests, int expected) {
    List<IsolationPolicy.Worker> workers =
        IntStream.range(0, guests.size()).mapToObj(n -> worker(n, guests.get(n))).toList();
    assertEquals(expected, policy.place(GUEST, workers));
  }

  @Test
  void sharedSpreadsAGuestOverTheWorkersWithTheFewestOthersThreadPerVmOverNone() {
    List<IsolationPolicy.Worker> workers =
        List.of(worker(0, 3), worker(1, 1), worker(2, 0), worker(4, 2));
    assertEquals(List.of(1), SHARED.spread(GUEST, 2, 2, workers));
    assertEquals(List.of(1, 4), SHARED.spread(GUEST, 3, 2, workers));
    assertEquals(List.of(1, 4, 0), SHARED.spread(GUEST, 8, 2, workers));
    assertEquals(List.of(), SHARED.spread(GUEST, 8, 0, workers.subList(0, 1)));
    assertEquals(List.of(), THREAD_PER_VM.spread(GUEST, 8, 2, workers));
  }

  @Test
  void sharedKeepsAllItsWorkersThreadPerVmNone() {
    assertEquals(4, SHARED.permanentWorkers(4));
    assertEquals(0, THREAD_PER_VM.permanentWorkers(4));
  }

  @Test
  void sharedLetsAGuestMoveAnywhereThreadPerVmToAnEmptyWorkerOnly() {
    assertEquals(
        List.of(true, true, true, false),
        List.of(
            SHARED.mayMove(GUEST, worker(1, 0)),
            SHARED.mayMove(GUEST, worker(1, 3)),
            THREAD_PER_VM.mayMove(GUEST, worker(1, 0)),
            THREAD_PER_VM.mayMove(GUEST, worker(1, 1))));
  }

  private static IsolationPolicy.Worker worker(int number, int guests) {
    return new IsolationPolicy.Worker(
        number,
        IntStream.range(0, guests)
            .mapToObj(n -> new IsolationPolicy.Guest(number + "-" + n, "acme"))
            .toList());
  }
}
