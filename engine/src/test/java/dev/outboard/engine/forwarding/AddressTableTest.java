package dev.outboard.engine.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever is added and removed in whatever order, the table says what a map would say. */
class AddressTableTest {
  private record Step(boolean add, int domain, long address) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Step> step =
        Arbitraries.integers()
            .between(0, 3)
            .flatMap(
                domain ->
                    Arbitraries.longs()
                        .between(0, 40)
                        .flatMap(
                            address ->
                                Arbitraries.of(true, false)
                                    .map(add -> new Step(add, domain, address))));
    return step.list().ofMaxSize(400);
  }

  @Property
  void agreesWithAMap(@ForAll("steps") List<Step> steps) {
    int capacity = 60;
    AddressTable<Integer> table = new AddressTable<>(capacity);
    Map<Step, Integer> map = new HashMap<>();
    int value = 0;
    for (Step step : steps) {
      Step key = new Step(true, step.domain, step.address);
      if (step.add) {
        boolean expected = map.size() < capacity && !map.containsKey(key);
        assertEquals(expected, table.add(step.domain, 0, step.address, ++value));
        if (expected) {
          map.put(key, value);
        }
      } else {
        table.remove(step.domain, 0, step.address);
        map.remove(key);
      }
    }
    for (int domain = 0; domain <= 3; domain++) {
      for (long address = 0; address <= 40; address++) {
        assertEquals(map.get(new Step(true, domain, address)), table.find(domain, 0, address));
      }
    }
  }
}
